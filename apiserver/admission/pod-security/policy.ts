/** Which levels of the pod security standards a namespace asks for, by its labels (upstream: pod-security-admission/api). */
import { type FieldError, invalid } from '#api/meta/field-error.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

export interface LevelVersion {
  level: Level
  /** The minor version of Kubernetes whose rules are meant; Infinity is `latest`. */
  minor: number
}

export interface Policy {
  enforce: LevelVersion
  audit: LevelVersion
  warn: LevelVersion
}

const order: readonly Level[] = ['privileged', 'baseline', 'restricted']
const prefix = 'pod-security.kubernetes.io/'
const latest = Number.POSITIVE_INFINITY

/** Negative where `a` is less strict than `b`. */
export const compareLevels = (a: Level, b: Level): number => order.indexOf(a) - order.indexOf(b)

/** `restricted:latest`, `baseline:v1.29`: as messages name it. */
export const policyText = ({ level, minor }: LevelVersion): string => `${level}:${minor === latest ? 'latest' : `v1.${minor}`}`

export const isSame = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor

/**
 * The policy of a namespace with these labels; without labels everything is allowed. A value that is not understood counts as the strictest and is
 * named in `errors` with its path.
 */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): { policy: Policy; errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const read = (mode: string): { asked: LevelVersion; hasLevel: boolean; hasVersion: boolean } => {
    const level = labelOf(labels, prefix + mode)
    const version = labelOf(labels, `${prefix}${mode}-version`)
    const parsed = level === undefined ? 'privileged' : order.find((known) => known === level)
    if (parsed === undefined) errors.push(badLabel(prefix + mode, level ?? '', 'must be one of privileged, baseline, restricted'))
    const minor = version === undefined ? latest : minorOf(version)
    if (minor === undefined) errors.push(badLabel(`${prefix}${mode}-version`, version ?? '', 'must be "latest" or "v1.x"'))
    const asked = { level: parsed ?? 'restricted', minor: minor ?? latest }
    return { asked, hasLevel: level !== undefined && parsed !== undefined, hasVersion: version !== undefined && minor !== undefined }
  }
  const enforce = read('enforce')
  const audit = read('audit')
  const warn = read('warn')
  // Who enforces a level wants to hear about what stays below it: on controllers nothing is enforced.
  if (!warn.hasLevel && enforce.hasLevel && compareLevels(enforce.asked.level, warn.asked.level) > 0) {
    warn.asked.level = enforce.asked.level
    if (!warn.hasVersion) warn.asked.minor = enforce.asked.minor
  }
  return { policy: { enforce: enforce.asked, audit: audit.asked, warn: warn.asked }, errors }
}

const labelOf = (labels: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined

function minorOf(version: string): number | undefined {
  if (version === 'latest') return latest
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

const badLabel = (label: string, value: string, why: string): FieldError => invalid(`metadata.labels[${label}]`, value, why)
