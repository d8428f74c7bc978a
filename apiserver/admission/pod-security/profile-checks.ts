/** Checks of the kernel's guards: AppArmor, SELinux, seccomp, /proc masks, sysctls (upstream: pod-security-admission/policy). */
import { goQuote } from '#api/meta/go-quote.ts'
import {
  type Check,
  type CheckPod,
  containerList,
  containersOf,
  type Judged,
  plural,
  quoted,
  settersOf,
  sorted,
  unlessUserNamespace,
  unlessWindows,
} from './check.ts'

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

const appArmor: CheckPod = (pod) => {
  const { who, values } = settersOf(pod, ({ appArmorProfile: profile }) =>
    profile === undefined || profile.type === 'RuntimeDefault' || profile.type === 'Localhost' ? [] : [profile.type],
  )
  const annotations = Object.entries(pod.annotations)
    .filter(
      ([key, value]) => key.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'),
    )
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort()
  const setters = [...who, ...(annotations.length > 0 ? [plural(annotations.length, 'annotation')] : [])]
  if (setters.length === 0) return undefined
  const bad = [...values, ...annotations]
  const reason = plural(bad.length, 'forbidden AppArmor profile')
  return { reason, detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(bad)}` }
}

const selinux =
  (types: readonly string[]): CheckPod =>
  (pod) => {
    const badTypes: string[] = []
    const others = new Set<string>()
    const { who } = settersOf(pod, ({ seLinuxOptions: options }) => {
      if (options === undefined) return []
      const isBadType = options.type !== undefined && options.type !== '' && !types.includes(options.type)
      if (isBadType) badTypes.push(options.type ?? '')
      const set = (['user', 'role'] as const).filter((field) => options[field] !== undefined && options[field] !== '')
      for (const field of set) others.add(field)
      return isBadType ? ['type', ...set] : set
    })
    if (who.length === 0) return undefined
    const list = sorted(badTypes)
    const bad = [
      ...(list.length > 0 ? [`${plural(list.length, 'type')} ${quoted(list)}`] : []),
      ...['user', 'role'].filter((field) => others.has(field)).map((field) => `${field} may not be set`),
    ]
    return { reason: 'seLinuxOptions', detail: `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${bad.join('; ')}` }
  }

const isGoodSeccomp = (type: string): boolean => type === 'Localhost' || type === 'RuntimeDefault'

/** Before 1.19 seccomp was asked for by annotations. */
const seccompAnnotations: CheckPod = (pod) => {
  const keys = [
    'seccomp.security.alpha.kubernetes.io/pod',
    ...containersOf(pod).map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`),
  ]
  const bad = keys.flatMap((key) => {
    const value = Object.hasOwn(pod.annotations, key) ? pod.annotations[key] : undefined
    const isGood = value === undefined || value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
    return isGood ? [] : [`${key}=${goQuote(value)}`]
  })
  if (bad.length === 0) return undefined
  const list = sorted(bad)
  return { reason: 'seccompProfile', detail: `forbidden ${plural(list.length, 'annotation')} ${list.join(', ')}` }
}

const seccompBaseline: CheckPod = (pod) => {
  const { who, values } = settersOf(pod, ({ seccompProfile: profile }) =>
    profile === undefined || isGoodSeccomp(profile.type) ? [] : [profile.type],
  )
  if (who.length === 0) return undefined
  return { reason: 'seccompProfile', detail: `${who.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted(values)}` }
}

const seccompRestricted: CheckPod = (pod) => seccompBaseline(pod) ?? seccompMissing(pod)

function seccompMissing(pod: Judged): ReturnType<CheckPod> {
  if (pod.spec.securityContext?.seccompProfile !== undefined) return undefined
  const silent = containersOf(pod)
    .filter(({ securityContext }) => securityContext?.seccompProfile === undefined)
    .map(({ name }) => name)
  if (silent.length === 0) return undefined
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return { reason: 'seccompProfile', detail: `pod or ${containerList(silent)} ${must}` }
}

const procMount: CheckPod = (pod) => {
  const values: string[] = []
  const names = containersOf(pod).flatMap(({ name, securityContext }) => {
    const mount = securityContext?.procMount
    if (mount === undefined || mount === 'Default') return []
    values.push(mount)
    return [name]
  })
  if (names.length === 0) return undefined
  return { reason: 'procMount', detail: `${containerList(names)} must not set securityContext.procMount to ${quoted(sorted(values))}` }
}

const sysctls0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const sysctls27 = [...sysctls0, 'net.ipv4.ip_local_reserved_ports']
const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

const sysctls =
  (allowed: readonly string[]): CheckPod =>
  ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name))
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') }
  }

const selinuxTypes = ['container_t', 'container_init_t', 'container_kvm_t']

export const profileChecks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', versions: [{ since: 0, check: appArmor }] },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    versions: [
      { since: 0, check: selinux(selinuxTypes) },
      { since: 31, check: selinux([...selinuxTypes, 'container_engine_t']) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    versions: [
      { since: 0, check: seccompAnnotations },
      { since: 19, check: seccompBaseline },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    overrides: 'seccompProfile_baseline',
    versions: [
      { since: 19, check: seccompRestricted },
      { since: 25, check: unlessWindows(seccompRestricted) },
    ],
  },
  {
    id: 'procMount',
    level: 'baseline',
    versions: [
      { since: 0, check: procMount },
      { since: 35, check: unlessUserNamespace(procMount) },
    ],
  },
  { id: 'procMount_restricted', level: 'restricted', overrides: 'procMount', versions: [{ since: 35, check: procMount }] },
  {
    id: 'sysctls',
    level: 'baseline',
    versions: [
      { since: 0, check: sysctls(sysctls0) },
      { since: 27, check: sysctls(sysctls27) },
      { since: 29, check: sysctls(sysctls29) },
      { since: 32, check: sysctls(sysctls32) },
    ],
  },
]
