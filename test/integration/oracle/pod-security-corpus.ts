/** Pods that break, alone and together, each rule of the pod security standards. */

export interface PodToJudge {
  title: string
  annotations?: Record<string, string>
  spec: Record<string, unknown>
}

const c = (securityContext?: object, more: object = {}): object => ({
  name: 'c',
  image: 'i',
  ...(securityContext === undefined ? {} : { securityContext }),
  ...more,
})
const good = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
const pod = (title: string, spec: object, annotations?: Record<string, string>): PodToJudge => ({
  title,
  spec: { containers: [c(good)], ...spec },
  ...(annotations === undefined ? {} : { annotations }),
})
const of = (title: string, securityContext: object, more: object = {}): PodToJudge =>
  pod(title, { containers: [c({ ...good, ...securityContext }), { ...c(good), name: 'd' }], ...more })
const volume = (source: object, name = 'v'): object => ({ name, ...source })

export const podsToJudge: readonly PodToJudge[] = [
  pod('good', {}),
  pod('plain', { containers: [c()] }),
  pod('two plain and an init container', { containers: [c(), { ...c(), name: 'd' }], initContainers: [{ ...c(), name: 'e' }] }),
  pod('host namespaces', { hostNetwork: true, hostPID: true, hostIPC: true }),
  pod('host path', { volumes: [volume({ hostPath: { path: '/x' } }), volume({ hostPath: { path: '/y' } }, 'w')] }),
  pod('other volumes', {
    volumes: [
      volume({ nfs: { server: 's', path: '/p' } }),
      volume({ emptyDir: {} }, 'w'),
      volume({ iscsi: { targetPortal: 'p', iqn: 'iqn.2001-04.com.example:x', lun: 0 } }, 'z'),
    ],
  }),
  pod('host ports', {
    containers: [
      c(good, {
        ports: [
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 90, hostPort: 9090 },
        ],
      }),
    ],
  }),
  pod('probe hosts', {
    containers: [
      c(good, { livenessProbe: { httpGet: { host: 'h', port: 1 } }, lifecycle: { preStop: { tcpSocket: { host: 'g', port: 1 } } } }),
    ],
  }),
  of('privileged', { privileged: true, allowPrivilegeEscalation: undefined }),
  of('escalation', { allowPrivilegeEscalation: true }),
  of('capabilities', { capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } }),
  of('capability to bind', { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'KILL'] } }),
  of('root', { runAsNonRoot: false }),
  pod('root by the pod', { securityContext: { runAsNonRoot: false, runAsUser: 0 } }),
  pod('root by the pod in a namespace of its own', {
    hostUsers: false,
    containers: [c({ ...good, procMount: 'Unmasked' })],
    securityContext: { runAsUser: 0 },
  }),
  of('user 0', { runAsUser: 0 }),
  of('proc', { procMount: 'Unmasked' }),
  of('seccomp', { seccompProfile: { type: 'Unconfined' } }),
  pod('seccomp by the pod', {
    containers: [c({ ...good, seccompProfile: undefined })],
    securityContext: { seccompProfile: { type: 'Unconfined' } },
  }),
  pod('seccomp missing', { containers: [c({ ...good, seccompProfile: undefined })] }),
  of('apparmor', { appArmorProfile: { type: 'Unconfined' } }),
  pod('apparmor annotations', {}, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }),
  of(
    'selinux',
    { seLinuxOptions: { type: 'bad_t', user: 'u', role: 'r' } },
    { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } },
  ),
  pod('sysctls', {
    securityContext: {
      sysctls: [
        { name: 'kernel.msgmax', value: '1' },
        { name: 'net.ipv4.tcp_rmem', value: '1' },
      ],
    },
  }),
  pod('windows', {
    os: { name: 'windows' },
    containers: [c()],
    securityContext: { windowsOptions: { hostProcess: true } },
    hostNetwork: true,
  }),
  pod('windows without more', { os: { name: 'windows' }, containers: [c({ runAsNonRoot: true })] }),
  pod('everything at once', {
    hostPID: true,
    volumes: [volume({ hostPath: { path: '/x' } })],
    containers: [c({ privileged: true, runAsUser: 0, procMount: 'Unmasked' })],
  }),
]
