/** Checks of users, capabilities and privileges (upstream: pod-security-admission/policy). */
import {
  type Check,
  type CheckPod,
  containerCheck,
  containerList,
  containersOf,
  quoted,
  settersOf,
  sorted,
  unlessUserNamespace,
  unlessWindows,
} from './check.ts'

const privileged = containerCheck(
  'privileged',
  ({ securityContext }) => securityContext?.privileged === true,
  'must not set securityContext.privileged=true',
)

const escalation = containerCheck(
  'allowPrivilegeEscalation != false',
  ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  'must set securityContext.allowPrivilegeEscalation=false',
)

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** The containers that add capabilities beyond the allowed ones, and these. */
function addedBeyond(pod: Parameters<CheckPod>[0], allowed: ReadonlySet<string>): { names: string[]; added: string[] } {
  const added: string[] = []
  const names = containersOf(pod).flatMap(({ name, securityContext }) => {
    const beyond = (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed.has(capability))
    added.push(...beyond)
    return beyond.length === 0 ? [] : [name]
  })
  return { names, added: sorted(added) }
}

const mustNotAdd = ({ names, added }: { names: string[]; added: string[] }): string =>
  `${containerList(names)} must not include ${quoted(added)} in securityContext.capabilities.add`

const capabilitiesBaseline: CheckPod = (pod) => {
  const found = addedBeyond(pod, defaultCapabilities)
  return found.names.length === 0 ? undefined : { reason: 'non-default capabilities', detail: mustNotAdd(found) }
}

const bindAlone: ReadonlySet<string> = new Set(['NET_BIND_SERVICE'])

const capabilitiesRestricted: CheckPod = (pod) => {
  const keeping = containersOf(pod)
    .filter(({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true)
    .map(({ name }) => name)
  const found = addedBeyond(pod, bindAlone)
  const details = [
    ...(keeping.length > 0 ? [`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(found.names.length > 0 ? [mustNotAdd(found)] : []),
  ]
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

const runAsNonRoot: CheckPod = (pod) => {
  const reason = 'runAsNonRoot != true'
  const { who } = settersOf(pod, ({ runAsNonRoot }) => (runAsNonRoot === false ? ['false'] : []))
  if (who.length > 0) return { reason, detail: `${who.join(' and ')} must not set securityContext.runAsNonRoot=false` }
  if (pod.spec.securityContext?.runAsNonRoot === true) return undefined
  const silent = containersOf(pod)
    .filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined)
    .map(({ name }) => name)
  return silent.length === 0 ? undefined : { reason, detail: `pod or ${containerList(silent)} must set securityContext.runAsNonRoot=true` }
}

const runAsUser: CheckPod = (pod) => {
  const { who } = settersOf(pod, ({ runAsUser }) => (runAsUser === 0 ? ['0'] : []))
  return who.length === 0 ? undefined : { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0` }
}

const hostProcess: CheckPod = (pod) => {
  const { who } = settersOf(pod, ({ windowsOptions }) => (windowsOptions?.hostProcess === true ? ['true'] : []))
  if (who.length === 0) return undefined
  return { reason: 'hostProcess', detail: `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true` }
}

export const privilegeChecks: readonly Check[] = [
  { id: 'privileged', level: 'baseline', versions: [{ since: 0, check: privileged }] },
  { id: 'capabilities_baseline', level: 'baseline', versions: [{ since: 0, check: capabilitiesBaseline }] },
  { id: 'windowsHostProcess', level: 'baseline', versions: [{ since: 0, check: hostProcess }] },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    versions: [
      { since: 8, check: escalation },
      { since: 25, check: unlessWindows(escalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    overrides: 'capabilities_baseline',
    versions: [
      { since: 22, check: capabilitiesRestricted },
      { since: 25, check: unlessWindows(capabilitiesRestricted) },
    ],
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    versions: [
      { since: 0, check: runAsNonRoot },
      { since: 35, check: unlessUserNamespace(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    versions: [
      { since: 23, check: runAsUser },
      { since: 35, check: unlessUserNamespace(runAsUser) },
    ],
  },
]
