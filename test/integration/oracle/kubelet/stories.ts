/** Pods that are told to both kubelets: each runs into something that the status, the events or the log tell of. */
import { toolImage as image } from '#test/harness/tool-image.ts'

export interface Story {
  name: string
  spec: object
  metadata?: object
  /** Looked at once a container waits for this reason; else once the pod has ended, or runs if its restart policy is not said. */
  waits?: string
}

const forever = 'sleep 1000'
const sh = (command: string, more: object = {}): object => ({ name: 'main', image, command: ['/bin/sh', '-c', command], ...more })
const one = (container: object, more: object = {}): object => ({ containers: [container], ...more })
const never = { restartPolicy: 'Never' }
const inside = `env | sort; id; grep -E '^(Cap|NoNewPrivs|Groups|Umask)' /proc/self/status; pwd; hostname; cat /etc/resolv.conf | sort; cat /proc/self/oom_score_adj
for f in cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes; do cat /sys/fs/cgroup/$f 2>/dev/null; done; exit 0`
const shown = (container: object = {}, pod: object = {}): object => one(sh(inside, container), { ...never, ...pod })
const listed =
  "ls -lnLR /v | awk '{print $1,$3,$4,$9}' | sed 's/\\.\\.2[0-9_.]*/../'; find /v -type f | grep -v /\\\\.\\\\. | sort | xargs cat; exit 0"
const volume = (source: object, pod: object = {}, mount: object = {}): object =>
  one(sh(listed, { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }), { ...never, volumes: [{ name: 'v', ...source }], ...pod })
const from = (kind: 'configMapKeyRef' | 'secretKeyRef', name: string, key: string, more: object = {}): object =>
  one(sh('echo $A', { env: [{ name: 'A', valueFrom: { [kind]: { name, key, ...more } } }] }))
const hasty = { periodSeconds: 1, failureThreshold: 1 }

export const stories: readonly Story[] = [
  { name: 'succeeds', spec: one(sh('echo out; exit 0'), never) },
  { name: 'fails', spec: one(sh('echo out; exit 3'), never) },
  { name: 'mixed', spec: { containers: [sh('exit 0'), { ...sh('exit 1'), name: 'other' }], ...never } },
  { name: 'runs', spec: one(sh(forever)) },
  { name: 'no-such-command', spec: one({ name: 'main', image, command: ['/no/such'] }, never) },
  { name: 'a-directory', spec: one({ name: 'main', image, command: ['/etc'] }, never) },
  { name: 'crashes', spec: one(sh('exit 1')), waits: 'CrashLoopBackOff' },
  { name: 'completes-again', spec: one(sh('exit 0')), waits: 'CrashLoopBackOff' },
  {
    name: 'hook-fails',
    spec: one(sh(forever, { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo e >&2; exit 9'] } } } })),
    waits: 'CrashLoopBackOff',
  },
  {
    name: 'image-never',
    spec: one({ name: 'main', image: 'typernetes.local/absent:1', imagePullPolicy: 'Never' }),
    waits: 'ErrImageNeverPull',
  },
  { name: 'image-invalid', spec: one({ name: 'main', image: 'UPPER/Bad:1:2' }), waits: 'InvalidImageName' },
  { name: 'map-missing', spec: from('configMapKeyRef', 'none', 'a'), waits: 'CreateContainerConfigError' },
  { name: 'map-no-key', spec: from('configMapKeyRef', 'map', 'none'), waits: 'CreateContainerConfigError' },
  { name: 'map-optional', spec: { ...from('configMapKeyRef', 'none', 'a', { optional: true }), ...never } },
  { name: 'secret-missing', spec: from('secretKeyRef', 'none', 'a'), waits: 'CreateContainerConfigError' },
  { name: 'non-root', spec: one(sh(forever, { securityContext: { runAsNonRoot: true } })), waits: 'CreateContainerConfigError' },
  { name: 'env-from', spec: shown({ envFrom: [{ configMapRef: { name: 'map' } }, { prefix: 'P_', secretRef: { name: 'sec' } }] }) },
  {
    name: 'expansion',
    spec: shown({
      env: [
        { name: 'A', value: 'x' },
        { name: 'B', value: '$(A)-$(C)' },
        { name: 'C', value: '$$(A)' },
      ],
    }),
  },
  { name: 'user', spec: shown({ securityContext: { runAsUser: 1001 } }, { securityContext: { fsGroup: 9, supplementalGroups: [5, 6] } }) },
  { name: 'group', spec: shown({ securityContext: { runAsUser: 1001, runAsGroup: 3000 } }) },
  { name: 'group-alone', spec: shown({ securityContext: { runAsGroup: 3000 } }) },
  {
    name: 'source',
    spec: shown({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['kubernetes.io/config.source']" } } }] }),
  },
  {
    name: 'no-caps',
    spec: shown({ securityContext: { capabilities: { drop: ['ALL'], add: ['CHOWN'] }, allowPrivilegeEscalation: false } }),
  },
  { name: 'guaranteed', spec: shown({ resources: { limits: { cpu: '100m', memory: '50Mi' } } }) },
  { name: 'burstable', spec: shown({ resources: { requests: { cpu: '10m', memory: '20Mi' }, limits: { cpu: '50m' } } }) },
  { name: 'dns', spec: shown({}, { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b', 'c.d'] } }) },
  { name: 'named', spec: shown({}, { hostname: 'host', subdomain: 'sub', setHostnameAsFQDN: true }) },
  { name: 'v-map', spec: volume({ configMap: { name: 'map', defaultMode: 0o400, items: [{ key: 'a', path: 'd/a', mode: 0o644 }] } }) },
  { name: 'v-secret', spec: volume({ secret: { secretName: 'sec' } }, { securityContext: { fsGroup: 77, runAsUser: 5 } }) },
  { name: 'v-empty', spec: volume({ emptyDir: {} }, { securityContext: { fsGroup: 77 } }) },
  { name: 'v-memory', spec: volume({ emptyDir: { medium: 'Memory', sizeLimit: '5Mi' } }) },
  {
    name: 'v-labels',
    spec: volume({ downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }),
    metadata: { labels: { a: 'b' } },
  },
  {
    name: 'v-notes',
    spec: volume({ downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.annotations' } }] } }),
    metadata: { annotations: { a: 'b', 'kubernetes.io/config.source': 'file' } },
  },
  { name: 'v-sub-path', spec: volume({ emptyDir: {} }, {}, { subPath: 'x/y' }) },
  { name: 'init', spec: one(sh('echo app'), { ...never, initContainers: [{ ...sh('echo first'), name: 'first' }] }) },
  { name: 'init-fails', spec: one(sh('echo app'), { ...never, initContainers: [{ ...sh('exit 4'), name: 'first' }] }) },
  {
    name: 'sidecar',
    spec: one(sh('exit 5'), {
      ...never,
      terminationGracePeriodSeconds: 5,
      initContainers: [{ ...sh('trap "exit 7" TERM; while :; do sleep 0.1; done'), name: 'side', restartPolicy: 'Always' }],
    }),
  },
  { name: 'message', spec: one(sh('echo said > /dev/termination-log; exit 1'), never) },
  { name: 'message-of-log', spec: one(sh('echo said; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }), never) },
  { name: 'too-late', spec: one(sh('trap "exit 0" TERM; while :; do sleep 0.1; done'), { ...never, activeDeadlineSeconds: 40 }) },
  {
    name: 'unready',
    spec: one(sh(forever, { readinessProbe: { exec: { command: ['sh', '-c', 'echo no; exit 1'] }, timeoutSeconds: 20, ...hasty } })),
  },
  { name: 'gated', spec: one(sh(forever), { readinessGates: [{ conditionType: 'my/gate' }] }) },
  { name: 'wrong-node', spec: one(sh(forever), { nodeSelector: { no: 'such' } }) },
  { name: 'sysctl', spec: one(sh(forever), { securityContext: { sysctls: [{ name: 'kernel.sem', value: '1' }] } }) },
]
