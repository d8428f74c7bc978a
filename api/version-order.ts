/** The order of API versions: v2, v1, v1beta2, v1beta1, v1alpha1, then all other names (upstream: apimachinery, util/version). */

interface Parsed {
  major: number
  /** 2 for a release, 1 for beta, 0 for alpha. */
  stage: number
  minor: number
}

function parse(version: string): Parsed | undefined {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version)
  if (match === null) return undefined
  return { major: Number(match[1]), stage: match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, minor: Number(match[3] ?? 0) }
}

/** Positive where `a` is the newer or stabler one; names that are no versions come last, in the order of letters. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  if (left === undefined || right === undefined) {
    if (left !== undefined) return 1
    if (right !== undefined) return -1
    return a === b ? 0 : a < b ? 1 : -1
  }
  return left.stage - right.stage || left.major - right.major || left.minor - right.minor
}
