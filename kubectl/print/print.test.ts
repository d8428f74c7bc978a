import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alignColumns } from './columns.ts'
import { escapeTerminal } from './escape-terminal.ts'
import { findJsonPath, renderJsonPath } from './jsonpath.ts'
import { printerOf, yamlText } from './objects.ts'
import { compareBy } from './sort-by.ts'
import { headerOf, rowOf, type Table } from './table.ts'
import { tabbed } from './tabwriter.ts'

const data = {
  kind: 'List',
  items: [
    {
      kind: 'None',
      metadata: { name: '127.0.0.1', labels: { 'app.kubernetes.io/name': 'x', 'kubernetes.io/hostname': '127.0.0.1' } },
      status: { capacity: { cpu: '4' }, addresses: [{ type: 'LegacyHostIP', address: '127.0.0.1' }] },
    },
    {
      kind: 'None',
      metadata: { name: '127.0.0.2' },
      status: {
        capacity: { cpu: '8' },
        addresses: [
          { type: 'LegacyHostIP', address: '127.0.0.2' },
          { type: 'another', address: '127.0.0.3' },
        ],
      },
    },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret', age: 7 } },
  ],
  empty: null,
  done: true,
}

test('JSONPath templates, as upstream documents them', () => {
  const cases: [string, string][] = [
    ['{.kind}', 'List'],
    ['{.kind}{"\\n"}', 'List\n'],
    ['the object is {.kind}', 'the object is List'],
    ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
    ["{.users[?(@.name=='e2e')].user.password}", 'secret'],
    ['{.users[?(@.user.age>5)].name}', 'e2e'],
    ['{.users[?(@.user.age)].name}', 'e2e'],
    ['{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}', '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] '],
    ['{range .items[*]}{range .status.addresses[*]}{.address},{end}{"\\t"}{end}', '127.0.0.1,\t127.0.0.2,127.0.0.3,\t'],
    ['{.items[0].metadata.labels.app\\.kubernetes\\.io/name}', 'x'],
    ["{.items[0].metadata.labels['kubernetes.io/hostname']}", '127.0.0.1'],
    ['{.items[-1].metadata.name}', '127.0.0.2'],
    ['{.items[0:1].metadata.name}', '127.0.0.1'],
    ['{.users[0,1].name}', 'myself e2e'],
    ['{..address}', '127.0.0.1 127.0.0.2 127.0.0.3'],
    ['{.nothing.here}', ''],
    ['{.empty}|{.done}', '|true'],
    ['{.__proto__}{.constructor}', ''],
    ['{$.kind}', 'List'],
  ]
  for (const [template, expected] of cases) assert.equal(renderJsonPath(template, data), expected, template)
})

test('bad JSONPath templates say so', () => {
  for (const [template, why] of [
    ['{.a', /unclosed action/],
    ['{range .items[*]}x', /unclosed range/],
    ['{end}', /not in range/],
    ['{.items[x]}', /invalid array index/],
    ['{.items[9]}', /out of bounds/],
  ] as const)
    assert.throws(() => renderJsonPath(template, data), why)
  assert.deepEqual(findJsonPath('metadata.name', data.items[0]), ['127.0.0.1'])
})

test('columns are as wide as their widest cell', () => {
  assert.equal(
    alignColumns([
      ['NAME', 'AGE'],
      ['longer-name', '5m'],
      ['x', '2d'],
    ]),
    'NAME          AGE\nlonger-name   5m\nx             2d\n',
  )
})

test('tab stops hold for neighbouring lines only', () => {
  const text = 'Name:\tweb\nLabels:\ta=b\n\tc=d\nplain\n  Type\tReason\n  ----\t------\n'
  assert.equal(tabbed(text), 'Name:    web\nLabels:  a=b\n         c=d\nplain\n  Type  Reason\n  ----  ------\n')
})

const table: Table = {
  kind: 'Table',
  columnDefinitions: [
    { name: 'Name', type: 'string', priority: 0 },
    { name: 'Status', type: 'string', priority: 0 },
    { name: 'IP', type: 'string', priority: 1 },
  ],
  rows: [{ cells: ['web', 'Running\nstill', null], object: { metadata: { namespace: 'shop', labels: { app: 'web', tier: 'x' } } } }],
}

test('tables show what the flags ask for', () => {
  const plain = { wide: false, withNamespace: false, showLabels: false, labelColumns: [], namePrefix: '' }
  const row = table.rows[0] as Table['rows'][number]
  assert.deepEqual(
    [headerOf(table, plain), rowOf(table, row, plain)],
    [
      ['NAME', 'STATUS'],
      ['web', 'Running...'],
    ],
  )
  const full = { wide: true, withNamespace: true, showLabels: true, labelColumns: ['x.io/app', 'tier'], namePrefix: 'pod/' }
  assert.deepEqual(headerOf(table, full), ['NAMESPACE', 'NAME', 'STATUS', 'IP', 'APP', 'TIER', 'LABELS'])
  assert.deepEqual(rowOf(table, row, full), ['shop', 'pod/web', 'Running...', '<none>', '', 'x', 'app=web,tier=x'])
})

test('YAML is safe for readers of version 1.1', () => {
  assert.equal(
    yamlText({ b: 'yes', a: { mode: '0644', n: null, list: ['x', 1] }, t: 'line\nnext\n' }),
    `a:\n  list:\n  - x\n  - 1\n  mode: "0644"\n  "n": null\nb: "yes"\nt: |\n  line\n  next\n`,
  )
})

test('forms of -o', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', managedFields: [{}] }, spec: { n: 1 } }
  const print = (form: string, object: unknown): string | undefined => printerOf(form, { showManagedFields: false })?.(object)
  assert.equal(
    print('name', { kind: 'List', items: [pod, { ...pod, apiVersion: 'apps/v1', kind: 'Deployment' }] }),
    'pod/web\ndeployment.apps/web\n',
  )
  assert.doesNotMatch(print('yaml', pod) ?? '', /managedFields/)
  assert.equal(print('custom-columns=NAME:.metadata.name,N:.spec.n,X:.spec.x', pod), 'NAME   N   X\nweb    1   <none>\n')
  assert.equal(print('jsonpath={.spec.n}', pod), '1')
  assert.throws(() => print('nonsense', pod), /unable to match a printer suitable for the output format "nonsense"/)
})

test('a terminal is shown, not given, what it would act upon', () => {
  assert.equal(escapeTerminal('a\u001b[31mb\rc\u009bd\u0000e\u007f\tf\ng ☃'), 'a^[[31mb\\rc\\x9bd\\x00e\\x7f\tf\ng ☃')
  const table: Table = { kind: 'Table', columnDefinitions: [{ name: 'Name', type: 'string', priority: 0 }], rows: [] }
  const options = { wide: false, withNamespace: false, showLabels: false, labelColumns: [], namePrefix: '' }
  assert.deepEqual(rowOf(table, { cells: ['x\u001b[2Jy\rz'] }, options), ['x^[[2Jy...'])
})

test('--sort-by orders numbers, quantities and names with numbers as people do; what lacks the field comes first', () => {
  const cases: [unknown[], unknown[]][] = [
    [
      [10, 9, undefined],
      [undefined, 9, 10],
    ],
    [
      ['1Gi', '500Mi', '2G'],
      ['500Mi', '1Gi', '2G'],
    ],
    [
      ['web-10', 'web-9', 'web', 'app'],
      ['app', 'web', 'web-9', 'web-10'],
    ],
  ]
  for (const [given, expected] of cases) {
    const sorted = given.map((v) => ({ v })).sort((a, b) => compareBy('.v', a, b))
    assert.deepEqual(
      sorted.map(({ v }) => v),
      expected,
    )
  }
})
