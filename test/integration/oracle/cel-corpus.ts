/** Rules of custom resources that are put to both sides: a schema, rules that compile, rules that do not, and objects. */
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'

type Rule = NonNullable<JsonSchemaProps['x-kubernetes-validations']>[number]

const text: JsonSchemaProps = { type: 'string', maxLength: 20 }
const integer: JsonSchemaProps = { type: 'integer' }

/** Everything that a rule may read: scalars of each type and format, lists and maps of each kind, names that need escaping. */
export const specSchema: JsonSchemaProps = {
  type: 'object',
  required: ['count'],
  properties: {
    count: integer,
    flag: { type: 'boolean' },
    share: { type: 'number' },
    name: text,
    free: { type: 'string' },
    mode: { type: 'string', enum: ['on', 'never'] },
    words: { type: 'array', maxItems: 5, items: text },
    wild: { type: 'array', items: { type: 'string' } },
    numbers: { type: 'array', maxItems: 10, items: integer },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', maxItems: 5, items: text },
    parts: {
      type: 'array',
      maxItems: 5,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key'],
      items: { type: 'object', required: ['key'], properties: { key: text, value: integer } },
    },
    labels: { type: 'object', maxProperties: 5, additionalProperties: text },
    inner: {
      type: 'object',
      properties: { x: integer, y: { type: 'string', nullable: true }, z: { type: 'object', properties: { q: text } } },
    },
    either: { 'x-kubernetes-int-or-string': true },
    at: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    lasts: { type: 'string', format: 'duration' },
    data: { type: 'string', format: 'byte' },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    embedded: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    namespace: text,
    'with-dash': text,
    'with.dot': integer,
    with__two: integer,
  },
}

/** Parts of a rule that hold for `self.spec` of some object and not of another, or fail: what is answered is compared. */
export const conditions: readonly string[] = [
  'self.spec.count > 3',
  'self.spec.count % 2 == 0 || self.spec.flag',
  '10 / (self.spec.count - 5) > 1',
  'self.spec.count + 9223372036854775807 > 0',
  'self.spec.share < 2.5 && self.spec.share > double(self.spec.count) - 10.0',
  "self.spec.name.startsWith('h') && self.spec.name.size() < 8",
  "self.spec.name.matches('^[a-z]+$')",
  "self.spec.name.find('[0-9]+') == ''",
  'self.spec.name.upperAscii() != self.spec.free',
  "self.spec.name.substring(3) == 'lo'",
  "self.spec.name.split('l').size() == 3",
  'self.spec.words.all(w, w.size() > 1)',
  "self.spec.words.exists(w, w == 'two')",
  "self.spec.words.exists_one(w, w.contains('t'))",
  "self.spec.words.map(w, w + '!').size() == 2 && self.spec.words.join(' ') == 'one two'",
  "self.spec.words.filter(w, w != 'one') == ['two']",
  "self.spec.words[5] == 'x'",
  "self.spec.words.isSorted() && self.spec.words.indexOf('two') == 1",
  'self.spec.numbers.sum() == 6 && self.spec.numbers.max() == 3',
  'self.spec.numbers.all(i, n, n > i)',
  'self.spec.numbers.sort()[0] == 1',
  "self.spec.tags == ['b', 'a']",
  "(self.spec.tags + ['a', 'c']).size() == 3",
  "self.spec.parts.exists(p, p.key == 'a' && p.value == 1)",
  'self.spec.parts == self.spec.parts.map(p, p)',
  "self.spec.labels.all(k, self.spec.labels[k] != '')",
  "self.spec.labels['missing'] == ''",
  "self.spec.?labels['app'].orValue('none') == 'web'",
  'has(self.spec.inner.y)',
  "self.spec.inner.y == 'set'",
  "self.spec.inner.z.q != ''",
  "self.spec.?inner.?z.?q.orValue('d') == 'd'",
  "type(self.spec.either) == int ? self.spec.either < 9 : self.spec.either.endsWith('%')",
  'self.spec.either + 1 > 0',
  "self.spec.at > timestamp('2024-01-01T00:00:00Z')",
  "self.spec.at.getHours('Europe/Berlin') == 13",
  'self.spec.day.getDayOfYear() == 59',
  "self.spec.lasts <= duration('1h30m')",
  "string(self.spec.data) == 'hello'",
  "self.spec.namespace == 'ns' && self.spec.__namespace__ == 'ns'",
  "self.spec.with__dash__dash == 'd'",
  'self.spec.with__dot__dot == 1 && self.spec.with__underscores__two == 2',
  "self.spec.embedded.metadata.name == 'e' && self.spec.embedded.kind == 'E'",
  "self.metadata.name.startsWith('c')",
  "quantity('1Gi').isGreaterThan(quantity('1G'))",
  'quantity(self.spec.free).isInteger()',
  'ip(self.spec.free).family() == 4',
  "cidr('10.0.0.0/8').containsIP(self.spec.free)",
  "url(self.spec.free).getHost() == 'a'",
  'semver(self.spec.free).major() == 1',
  'format.dns1123Label().validate(self.spec.name).hasValue()',
  "sets.contains(self.spec.words, ['one'])",
  "self.spec.mode in ['on', 'off']",
  'dyn(self.spec.count) < self.spec.name',
  'dyn(self.spec.words).foo == 1',
  "'%s has %d'.format([self.spec.name, self.spec.count]) == 'hello has 4'",
  'lists.range(300).all(i, lists.range(300).all(j, lists.range(9).all(k, i + j + k >= 0)))',
]

const rule = (text: string, more: Partial<Rule> = {}): Rule => ({ rule: text, ...more })

/** Rules of which every one is refused, with the text of why. */
export const broken: readonly Rule[] = [
  ...[
    'foo',
    'self.nope',
    'self.spec.nope == 1',
    "self.spec.count == 'x'",
    'self.spec.count',
    'self.spec.count +',
    'self.spec.count > 3 &&',
    '(self.spec.count > 3',
    'self.spec.words.all(w, w > 1)',
    'self.spec.words.all(1, true)',
    'self.spec.count.size() == 1',
    "self.spec.name.matches('(')",
    "timestamp('x') == self.spec.at",
    'self.spec.open.any == 1',
    'self.spec.embedded.spec == 1',
    "[1, 'a'].size() == 2",
    'has(self.spec)&has(self)',
    '"abc',
    'self.spec.wild.all(a, self.spec.wild.all(b, self.spec.wild.all(c, a + b != c)))',
    'self.spec.wild.all(a, a.matches(self.spec.free))',
    "int('a') == 1",
    "self.spec.free.find('(') == ''",
    'oldSelf.nope == 1',
    "'%d'.format(['x']) == ''",
    'self.spec.if',
  ].map((text) => rule(text)),
  rule('true', { messageExpression: '1' }),
  rule('true', { messageExpression: 'self.nope' }),
  rule('true', { optionalOldSelf: true }),
  rule("self.spec.free.split(',').all(a, self.spec.free.split(',').all(b, a != b))", { messageExpression: "self.spec.wild.join(',')" }),
]

/** Beside conditions: what is said of a broken rule, and where. */
export const told: readonly Rule[] = [
  rule('self.spec.count < 0', { message: 'must be negative' }),
  rule('self.spec.count < 0', { messageExpression: "'count is ' + (self.spec.count > 4 ? 'high' : 'low')" }),
  rule('self.spec.count < 0', { messageExpression: "self.spec.labels['missing']", message: 'the other message' }),
  rule('self.spec.count < 0', { messageExpression: "' \\n '", message: 'spare' }),
  rule('self.spec.count < 0', { reason: 'FieldValueForbidden', fieldPath: '.spec.count' }),
  rule('self.spec.count < 0', { reason: 'FieldValueRequired', fieldPath: ".spec.labels['a.b']" }),
  rule('self.spec.count < 0', { reason: 'FieldValueDuplicate' }),
  rule('self.spec.count < 0', { reason: 'FieldValueInvalid' }),
  rule('self.spec.count >= oldSelf.spec.count', { message: 'count must not fall' }),
  rule('oldSelf.?spec.?count.orValue(100) > 50 || self.spec.count > 0', { optionalOldSelf: true }),
  rule('!oldSelf.hasValue() || self.spec.words == oldSelf.value().spec.words', { optionalOldSelf: true, message: 'words must stay' }),
]

const properties = specSchema.properties as Record<string, JsonSchemaProps>
const ruled = (schema: JsonSchemaProps | undefined, ...rules: Rule[]): JsonSchemaProps => ({ ...schema, 'x-kubernetes-validations': rules })

/** The same schema with rules at every depth: in lists and maps, below what has no old value, on scalars. */
export const deepSchema: JsonSchemaProps = ruled(
  {
    ...specSchema,
    properties: {
      ...properties,
      count: ruled(
        properties['count'],
        rule('self < 3'),
        rule('self >= oldSelf', { messageExpression: "oldSelf > 1 ? 'fell far' : 'fell'" }),
      ),
      name: ruled(properties['name'], rule("self != 'hello'", { reason: 'FieldValueDuplicate' })),
      mode: ruled(properties['mode'], rule("self == 'on'", { reason: 'FieldValueRequired' })),
      words: { ...properties['words'], items: ruled(properties['words']?.items as JsonSchemaProps, rule("self != 'two'")) },
      parts: {
        ...properties['parts'],
        items: ruled(
          properties['parts']?.items as JsonSchemaProps,
          rule('self.value < 2', { fieldPath: '.value' }),
          rule('self.value == oldSelf.value'),
          rule('!oldSelf.hasValue() || self.value >= oldSelf.value().value', { optionalOldSelf: true }),
        ),
      },
      labels: ruled(
        { ...properties['labels'], additionalProperties: ruled(text, rule("self != 'web'"), rule('self == oldSelf')) },
        rule("'app' in self"),
      ),
      inner: {
        ...properties['inner'],
        properties: { ...properties['inner']?.properties, z: ruled(properties['inner']?.properties?.['z'], rule("self.q == 'v'")) },
      },
      either: ruled(properties['either'], rule('type(self) == string')),
      at: ruled(properties['at'], rule('self.getFullYear() < 2000')),
      embedded: ruled(properties['embedded'], rule("self.kind == 'F' && self.metadata.generateName == ''")),
    },
  },
  rule('has(self.flag)'),
  rule('self.words == oldSelf.words'),
)

type Spec = Record<string, unknown>

const whole: Spec = {
  count: 4,
  flag: false,
  share: 2,
  name: 'hello',
  free: '10.1.2.3',
  mode: 'on',
  words: ['one', 'two'],
  numbers: [1, 2, 3],
  tags: ['a', 'b'],
  parts: [
    { key: 'a', value: 1 },
    { key: 'b', value: 2 },
  ],
  labels: { app: 'web' },
  inner: { x: 1, y: 'set', z: { q: 'w' } },
  either: 5,
  at: '2024-07-01T11:00:00Z',
  day: '2024-02-29',
  lasts: '1h',
  data: 'aGVsbG8=',
  open: { any: 1 },
  embedded: { apiVersion: 'x/v1', kind: 'E', metadata: { name: 'e' } },
  namespace: 'ns',
  'with-dash': 'd',
  'with.dot': 1,
  with__two: 2,
}

export const specs: Readonly<Record<string, Spec>> = {
  whole,
  bare: { count: 5 },
  odd: {
    ...whole,
    count: 7,
    share: -1.5,
    name: 'héé9',
    free: '1.2.3-rc.1',
    words: [],
    numbers: [3, 1],
    either: '50%',
    labels: { a: '' },
    mode: 'never',
  },
  far: { ...whole, count: 0, free: 'http://a/b', inner: {}, tags: ['c'], parts: [], either: '9', lasts: '2h', data: 'eA==', name: '' },
}
