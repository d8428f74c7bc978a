/** csi volumes: no driver can register with this node, which is what upstream's kubelet says of a driver that has not. */
import { VolumeError, type VolumeKind } from './volume.ts'

export const csiVolume: VolumeKind = {
  plugin: 'kubernetes.io~csi',
  async setUp(volume) {
    const missing = `driver name ${volume.csi?.driver ?? ''} not found in the list of registered CSI drivers`
    if (volume.claimed)
      throw new VolumeError(
        `kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: ${missing}`,
        'MountVolume.MountDevice',
      )
    throw new VolumeError(`kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${missing}`)
  },
}
