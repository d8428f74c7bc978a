/** Rules of a pod's volumes: one source each, in upstream's order of sources. */
import type { Volume } from '#api/core/volume.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { parseQuantity } from '#api/meta/quantity.ts'
import { byteLength, checkDns1123Subdomain } from '#api/validation/names.ts'
import { validateClaimTemplate } from './claim-spec.ts'
import type { PodContext } from './context.ts'
import { validateDownwardFile, validateKeyToPath, validateProjected } from './projected-volume.ts'
import { checkDescendingPath, checkFileMode, checkLabelName, checkNoBacksteps, requireOneOf, requireText } from './values.ts'
import * as plugin from './volume-plugins.ts'

type Sources = Omit<Volume, 'name'>
type SourceCheck<K extends keyof Sources> = (source: NonNullable<Sources[K]>, path: string, context: PodContext) => FieldError[]

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']

export function checkHostPath(source: NonNullable<Volume['hostPath']>, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)]
  const found = checkNoBacksteps(`${path}.path`, source.path)
  if (source.type !== undefined && !hostPathTypes.includes(source.type)) {
    found.push(notSupported(`${path}.type`, source.type, hostPathTypes))
  }
  return found
}

const checkGitRepo: SourceCheck<'gitRepo'> = (source, path) => [
  ...requireText(`${path}.repository`, source.repository),
  ...checkDescendingPath(`${path}.directory`, source.directory ?? ''),
]

const checkSecret: SourceCheck<'secret'> = (source, path) => [
  ...requireText(`${path}.secretName`, source.secretName),
  ...checkFileMode(`${path}.defaultMode`, source.defaultMode),
  ...(source.items ?? []).flatMap((item, i) => validateKeyToPath(item, `${path}.items[${i}]`)),
]

const checkConfigMap: SourceCheck<'configMap'> = (source, path) => [
  ...requireText(`${path}.name`, source.name),
  ...checkFileMode(`${path}.defaultMode`, source.defaultMode),
  ...(source.items ?? []).flatMap((item, i) => validateKeyToPath(item, `${path}.items[${i}]`)),
]

export const checkNFS = (source: NonNullable<Volume['nfs']>, path: string): FieldError[] => [
  ...requireText(`${path}.server`, source.server),
  ...requireText(`${path}.path`, source.path),
  ...((source.path ?? '').startsWith('/') ? [] : [invalid(`${path}.path`, source.path ?? '', 'must be an absolute path')]),
]

const checkDownwardAPI: SourceCheck<'downwardAPI'> = (source, path) => [
  ...checkFileMode(`${path}.defaultMode`, source.defaultMode),
  ...(source.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
]

const checkEphemeral: SourceCheck<'ephemeral'> = (source, path) =>
  source.volumeClaimTemplate
    ? validateClaimTemplate(source.volumeClaimTemplate, `${path}.volumeClaimTemplate`)
    : [required(`${path}.volumeClaimTemplate`)]

const checkImage: SourceCheck<'image'> = (source, path, { isPod }) => [
  ...(isPod ? requireText(`${path}.reference`, source.reference) : []),
  ...requireOneOf(`${path}.pullPolicy`, source.pullPolicy, pullPolicies),
]

/** In upstream's order; where it names a field otherwise than the schema does, so do we. */
const checks: { [K in keyof Required<Sources>]: { check: SourceCheck<K>; path?: string; clashPath?: string } } = {
  emptyDir: { check: () => [] },
  hostPath: { check: checkHostPath },
  gitRepo: { check: checkGitRepo },
  gcePersistentDisk: { check: plugin.checkGCEDisk, path: 'persistentDisk' },
  awsElasticBlockStore: { check: plugin.checkAWSDisk },
  secret: { check: checkSecret },
  nfs: { check: checkNFS },
  iscsi: { check: plugin.checkISCSI },
  glusterfs: { check: plugin.checkGlusterfs },
  flocker: { check: plugin.checkFlocker },
  persistentVolumeClaim: { check: (source, path) => requireText(`${path}.claimName`, source.claimName) },
  rbd: { check: plugin.checkRBD },
  cinder: { check: plugin.checkCinder },
  cephfs: { check: plugin.checkCephFS, clashPath: 'cephFS' },
  quobyte: { check: plugin.checkQuobyte },
  downwardAPI: { check: checkDownwardAPI, clashPath: 'downwarAPI' },
  fc: { check: plugin.checkFC },
  flexVolume: { check: plugin.checkFlex },
  configMap: { check: checkConfigMap },
  azureFile: { check: plugin.checkAzureFile },
  vsphereVolume: { check: (source, path) => requireText(`${path}.volumePath`, source.volumePath) },
  photonPersistentDisk: { check: (source, path) => requireText(`${path}.pdID`, source.pdID) },
  portworxVolume: { check: (source, path) => requireText(`${path}.volumeID`, source.volumeID) },
  azureDisk: { check: plugin.checkAzureDisk },
  storageos: { check: plugin.checkStorageOS },
  projected: { check: validateProjected },
  scaleIO: { check: plugin.checkScaleIO },
  csi: { check: plugin.checkCSI },
  ephemeral: { check: checkEphemeral },
  image: { check: checkImage },
}
const order = Object.keys(checks) as (keyof Sources)[]

function checkOne<K extends keyof Sources>(volume: Volume, name: K, at: { path: string; context: PodContext }): FieldError[] {
  const { check, path } = checks[name]
  const source = volume[name]
  return source === undefined ? [] : check(source as NonNullable<Sources[K]>, `${at.path}.${path ?? name}`, at.context)
}

/** Rules that join a source with the volume's name. */
function checkNames(volume: Volume, source: keyof Sources, path: string, pod: string): FieldError[] {
  const { iscsi, name } = volume
  if (source === 'iscsi' && iscsi?.initiatorName !== undefined && byteLength(`${name}:${iscsi.targetPortal}`) > 64) {
    const text = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    return [invalid(`${path}.name`, name, text)]
  }
  if (source !== 'ephemeral' || pod === '' || !name) return []
  const claim = `${pod}-${name}`
  return checkDns1123Subdomain(claim).map((message) => invalid(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${message}`))
}

function validateSource(volume: Volume, path: string, context: PodContext): FieldError[] {
  const found: FieldError[] = []
  const limit = volume.emptyDir?.sizeLimit
  if (limit !== undefined && parseQuantity(limit).nano < 0n) {
    found.push(forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
  }
  const given = order.filter((name) => volume[name] !== undefined && volume[name] !== null)
  for (const [i, name] of given.entries()) {
    if (i > 0) found.push(forbidden(`${path}.${checks[name].clashPath ?? name}`, 'may not specify more than 1 volume type'))
    else found.push(...checkOne(volume, name, { path, context }), ...checkNames(volume, name, path, context.meta.name ?? ''))
  }
  if (given.length === 0) found.push(required(path, 'must specify a volume type'))
  return found
}

export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
  context: PodContext,
): { found: FieldError[]; right: Map<string, Volume> } {
  const right = new Map<string, Volume>()
  const found: FieldError[] = []
  const podName = context.meta.name ?? ''
  const ownClaims = new Set(podName === '' ? [] : volumes.filter((volume) => volume.ephemeral).map((volume) => `${podName}-${volume.name}`))
  for (const [i, volume] of volumes.entries()) {
    const at = `${path}[${i}]`
    const own = validateSource(volume, at, context)
    own.push(...(volume.name ? checkLabelName(`${at}.name`, volume.name) : [required(`${at}.name`)]))
    if (right.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name))
    if (own.length === 0) right.set(volume.name, volume)
    found.push(...own)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && ownClaims.has(claim)) {
      found.push(
        invalid(`${at}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume'),
      )
    }
  }
  return { found, right }
}
