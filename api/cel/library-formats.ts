/** Named formats: `format.dns1123Label().validate(name)` (apiserver, pkg/cel/library/format.go). */
import { checkDns1035Label, checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'
import { type CelFunction, define, global, member } from './functions.ts'
import { parseRequestUri } from './go-url.ts'
import { parseDate } from './instant.ts'
import { type CelType, listType, objectType, optionalType, stringType } from './type.ts'
import { ArrayList, type CelError, CelObject, type CelValue, noSuchOverload, Optional, optionalNone, Timestamp } from './value.ts'

const formatType = objectType('kubernetes.NamedFormat')

export class NamedFormat extends CelObject {
  readonly type: CelType = formatType
  readonly name: string
  readonly check: (text: string) => string[]
  /** Length of the expression that costs are counted with. */
  readonly patternSize: number

  constructor(name: string, patternSize: number, check: (text: string) => string[]) {
    super()
    this.name = name
    this.patternSize = patternSize
    this.check = check
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof NamedFormat ? this.name === other.name : noSuchOverload
  }
  toString(): string {
    return this.name
  }
}

/** A name that may be completed: a trailing dash is as good as a letter. */
const prefixOf = (check: (text: string) => string[]) => (text: string) => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)

const complaint = (valid: boolean, message: string): string[] => (valid ? [] : [message])

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const clock = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/

const isDate = (text: string): boolean => parseDate(text) instanceof Timestamp

/** The OpenAPI format `date-time`, as upstream checks it. */
function isDateTime(text: string): boolean {
  const [day, time, ...more] = text.toLowerCase().split('t')
  const match = time === undefined || more.length > 0 ? null : clock.exec(time)
  if (text.length < 4 || !match || !isDate(day as string)) return false
  return (match[1] as string) <= '23' && (match[2] as string) <= '59' && (match[3] as string) <= '59'
}

function checkUri(text: string): string[] {
  const parsed = parseRequestUri(text)
  return 'error' in parsed ? [parsed.error] : []
}

const dateTimePatternSize = 71
const formats: Readonly<Record<string, NamedFormat>> = {
  dns1123Label: new NamedFormat('DNS1123Label', 30, checkDns1123Label),
  dns1123Subdomain: new NamedFormat('DNS1123Subdomain', 60, checkDns1123Subdomain),
  dns1035Label: new NamedFormat('DNS1035Label', 30, checkDns1035Label),
  qualifiedName: new NamedFormat('QualifiedName', 60, checkQualifiedName),
  dns1123LabelPrefix: new NamedFormat('DNS1123LabelPrefix', 30, prefixOf(checkDns1123Label)),
  dns1123SubdomainPrefix: new NamedFormat('DNS1123SubdomainPrefix', 60, prefixOf(checkDns1123Subdomain)),
  dns1035LabelPrefix: new NamedFormat('DNS1035LabelPrefix', 30, prefixOf(checkDns1035Label)),
  labelValue: new NamedFormat('LabelValue', 40, checkLabelValue),
  uri: new NamedFormat('URI', 1103, checkUri),
  uuid: new NamedFormat('uuid', 70, (text) => complaint(uuid.test(text), 'does not match the UUID format')),
  byte: new NamedFormat('byte', 84, (text) => complaint(base64.test(text), 'invalid base64')),
  date: new NamedFormat('date', dateTimePatternSize, (text) => complaint(isDate(text), 'invalid date')),
  datetime: new NamedFormat('datetime', dateTimePatternSize, (text) => complaint(isDateTime(text), 'invalid datetime')),
}

function validate(format: CelValue, text: CelValue): CelValue {
  const problems = (format as NamedFormat).check(text as string)
  return problems.length === 0 ? optionalNone : new Optional(new ArrayList(problems))
}

export const formatsLibrary: readonly CelFunction[] = [
  define(
    'validate',
    member('format-validate', [formatType, stringType], optionalType(listType(stringType)), (format, text) =>
      validate(format as CelValue, text as CelValue),
    ),
  ),
  define(
    'format.named',
    global('format-named', [stringType], optionalType(formatType), (name) => {
      const format = Object.hasOwn(formats, name as string) ? formats[name as string] : undefined
      return format ? new Optional(format) : optionalNone
    }),
  ),
  ...Object.entries(formats).map(([name, format]) =>
    define(
      `format.${name}`,
      global(`format.${name}`, [], formatType, () => format),
    ),
  ),
]
