import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSelector, matches, parseSelector, selectorFromLabelSelector, selectorFromLabels } from './label-selector.ts'

const selects = (text: string, labels: Record<string, string>): boolean => matches(parseSelector(text), labels)

test('selectors match labels', () => {
  const cases: [string, Record<string, string>, boolean][] = [
    ['', { a: 'b' }, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a in ()', { a: '' }, true],
    ['a notin (b)', {}, true],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['a=', { a: '' }, true],
    ['a>5', { a: '6' }, true],
    ['a<5', { a: 'x' }, false],
    ['a=b,c', { a: 'b' }, false],
    ['in in (in,notin)', { in: 'notin' }, true],
    ['__proto__!=x', {}, true],
  ]
  for (const [text, labels, expected] of cases) {
    if (text.startsWith('__proto__')) assert.throws(() => selects(text, labels))
    else assert.equal(selects(text, labels), expected, text)
  }
})

test('keys of Object.prototype are no labels', () => {
  assert.equal(selects('constructor', {}), false)
  assert.equal(selects('!toString', {}), true)
})

test('bad selectors are refused in upstream words', () => {
  const cases: [string, string][] = [
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a===', "unable to parse requirement: found '=', expected: identifier"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a>x', `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ]
  for (const [text, message] of cases) assert.throws(() => parseSelector(text), { code: 400, reason: 'BadRequest', message }, text)
  assert.throws(() => parseSelector('-a'), { message: /^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist/ })
  assert.throws(() => parseSelector('a=_'), {
    message: /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "_": a valid label/,
  })
})

test('selectors print in the order of their keys', () => {
  assert.equal(formatSelector(parseSelector('c notin (z,y),b!=1,a,!d,e in (f),g>1')), 'a,b!=1,c notin (y,z),!d,e in (f),g>1')
})

test('selector objects become requirements', () => {
  assert.equal(matches(selectorFromLabelSelector(undefined), {}), false)
  assert.equal(matches(selectorFromLabelSelector({}), { a: 'b' }), true)
  const selector = selectorFromLabelSelector({ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'DoesNotExist' }] })
  assert.equal(matches(selector, { a: 'b' }), true)
  assert.equal(matches(selector, { a: 'b', c: '' }), false)
  assert.equal(matches(selectorFromLabelSelector({ matchExpressions: [{ key: 'c', operator: 'toString' }] }), {}), false)
  assert.equal(formatSelector(selectorFromLabels({ b: '2', a: '1' })), 'a=1,b=2')
})
