import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFlagProblem } from './node-flags.ts'

const good = { nodeName: 'node-1.example', nodeIp: '', labels: new Map<string, string>(), capacity: new Map<string, string>() }

test('flags that would make a node that the API server refuses are told', () => {
  const cases: [Partial<typeof good>, RegExp | undefined][] = [
    [{}, undefined],
    [{ nodeIp: '10.0.0.7', labels: new Map([['example.com/zone', 'a']]), capacity: new Map([['memory', '4Gi']]) }, undefined],
    [{ nodeName: 'my_host' }, /^"my_host" cannot be the name of a node .*RFC 1123 subdomain/],
    [{ nodeIp: 'ten' }, /^--node-ip: "ten" is not an IP address$/],
    [{ labels: new Map([['a b', 'x']]) }, /^invalid node labels: 'a b' - name part must consist of/],
    [{ labels: new Map([['a', 'x y']]) }, /^invalid node labels: 'x y' - a valid label must be/],
    [{ capacity: new Map([['cpu', 'two']]) }, /^--node-capacity: "two" of cpu is not a quantity/],
  ]
  for (const [change, expected] of cases) {
    const problem = nodeFlagProblem({ ...good, ...change })
    if (expected === undefined) assert.equal(problem, undefined)
    else assert.match(problem ?? '', expected)
  }
})
