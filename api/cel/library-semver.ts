/** Semantic versions (apiserver, pkg/cel/library/semverlib.go; texts of blang/semver). */
import { goQuote } from '#api/meta/go-quote.ts'
import { type CelFunction, define, global, member, type Run } from './functions.ts'
import { boolType, type CelType, intType, objectType, stringType } from './type.ts'
import { CelError, CelObject, type CelValue, noSuchOverload } from './value.ts'

const semverType = objectType('kubernetes.Semver')

interface Version {
  numbers: readonly [bigint, bigint, bigint]
  pre: readonly (bigint | string)[]
  build: readonly string[]
}

class SemverValue extends CelObject {
  readonly type: CelType = semverType
  readonly version: Version
  constructor(version: Version) {
    super()
    this.version = version
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof SemverValue ? compareVersions(this.version, other.version) === 0 : noSuchOverload
  }
  toString(): string {
    const { numbers, pre, build } = this.version
    return numbers.join('.') + (pre.length > 0 ? `-${pre.join('.')}` : '') + (build.length > 0 ? `+${build.join('.')}` : '')
  }
}

const isNumber = (text: string): boolean => /^[0-9]*$/.test(text)
const isAlphanumeric = (text: string): boolean => /^[0-9A-Za-z-]*$/.test(text)
const leadingZero = (text: string): boolean => text.length > 1 && text.startsWith('0')

function versionNumber(text: string, which: string): bigint | CelError {
  if (!isNumber(text)) return new CelError(`Invalid character(s) found in ${which.toLowerCase()} number ${goQuote(text)}`)
  if (leadingZero(text)) return new CelError(`${which} number must not contain leading zeroes ${goQuote(text)}`)
  if (text === '') return new CelError('strconv.ParseUint: parsing "": invalid syntax')
  const value = BigInt(text)
  if (value === BigInt.asUintN(64, value)) return value
  return new CelError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`)
}

function prerelease(text: string): bigint | string | CelError {
  if (text === '') return new CelError('Prerelease is empty')
  if (!isNumber(text)) {
    return isAlphanumeric(text) ? text : new CelError(`Invalid character(s) found in prerelease ${goQuote(text)}`)
  }
  return leadingZero(text) ? new CelError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}`) : BigInt(text)
}

function buildData(text: string): string | CelError {
  if (text === '') return new CelError('Build meta data is empty')
  return isAlphanumeric(text) ? text : new CelError(`Invalid character(s) found in build meta data ${goQuote(text)}`)
}

/** At most three parts: the last holds everything behind the second dot. */
function threeParts(text: string): string[] {
  const [major = '', minor, ...patch] = text.split('.')
  if (minor === undefined) return [major]
  return patch.length === 0 ? [major, minor] : [major, minor, patch.join('.')]
}

function parseVersion(text: string): Version | CelError {
  if (text === '') return new CelError('Version string empty')
  const [majorText = '', minorText = '', patchText] = threeParts(text)
  if (patchText === undefined) return new CelError('No Major.Minor.Patch elements found')
  const plus = patchText.indexOf('+')
  const withPre = plus < 0 ? patchText : patchText.slice(0, plus)
  const dash = withPre.indexOf('-')
  const numbers = [versionNumber(majorText, 'Major'), versionNumber(minorText, 'Minor')]
  const patch = versionNumber(dash < 0 ? withPre : withPre.slice(0, dash), 'Patch')
  const pre =
    dash < 0
      ? []
      : withPre
          .slice(dash + 1)
          .split('.')
          .map(prerelease)
  const build =
    plus < 0
      ? []
      : patchText
          .slice(plus + 1)
          .split('.')
          .map(buildData)
  const failed = [...numbers, patch, ...pre, ...build].find((part) => part instanceof CelError)
  if (failed) return failed
  return { numbers: [...numbers, patch] as unknown as Version['numbers'], pre: pre as (bigint | string)[], build: build as string[] }
}

/** Drops a leading `v` and leading zeros, and fills up missing numbers. */
function parseTolerant(text: string): Version | CelError {
  const parts = threeParts(text.replace(/^v/, '')).map((part) => {
    if (part.length <= 1) return part
    const bare = part.replace(/^0+/, '')
    return /^[0-9]/.test(bare) ? bare : `0${bare}`
  })
  if (parts.length < 3) {
    if (/[+-]/.test(parts.at(-1) as string)) return new CelError('short version cannot contain PreRelease/Build meta data')
    while (parts.length < 3) parts.push('0')
  }
  return parseVersion(parts.join('.'))
}

function compareParts(a: bigint | string, b: bigint | string): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function compareVersions(a: Version, b: Version): number {
  for (const at of [0, 1, 2] as const) {
    if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] > b.numbers[at] ? 1 : -1
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length)
  const shared = Math.min(a.pre.length, b.pre.length)
  for (let at = 0; at < shared; at++) {
    const order = compareParts(a.pre[at] as bigint | string, b.pre[at] as bigint | string)
    if (order !== 0) return order
  }
  return Math.sign(a.pre.length - b.pre.length)
}

const read = (text: CelValue | undefined, tolerant: CelValue | undefined): Version | CelError =>
  tolerant === true ? parseTolerant(text as string) : parseVersion(text as string)

const toSemver: Run = (text, tolerant) => {
  const version = read(text, tolerant)
  return version instanceof CelError ? version : new SemverValue(version)
}
const isSemver: Run = (text, tolerant) => !(read(text, tolerant) instanceof CelError)
const order = (left: CelValue | undefined, right: CelValue | undefined): number =>
  compareVersions((left as SemverValue).version, (right as SemverValue).version)

const two = [semverType, semverType] as const
const part = (name: string, at: 0 | 1 | 2): CelFunction =>
  define(
    name,
    member(`semver_${name}`, [semverType], intType, (value) => (value as SemverValue).version.numbers[at]),
  )

export const semverLibrary: readonly CelFunction[] = [
  define(
    'semver',
    global('string_to_semver', [stringType], semverType, toSemver),
    global('string_bool_to_semver', [stringType, boolType], semverType, toSemver),
  ),
  define(
    'isSemver',
    global('is_semver_string', [stringType], boolType, isSemver),
    global('is_semver_string_bool', [stringType, boolType], boolType, isSemver),
  ),
  define(
    'isGreaterThan',
    member('semver_is_greater_than', two, boolType, (left, right) => order(left, right) > 0),
  ),
  define(
    'isLessThan',
    member('semver_is_less_than', two, boolType, (left, right) => order(left, right) < 0),
  ),
  define(
    'compareTo',
    member('semver_compare_to', two, intType, (left, right) => BigInt(order(left, right))),
  ),
  part('major', 0),
  part('minor', 1),
  part('patch', 2),
]
