// Files that decide are pure: no input or output, no clock, no randomness, no logger (design: observe, decide, apply).
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const checkout = dirname(dirname(import.meta.dirname))

/** Pure by what they are; files whose opening comment says "Pure." are added. */
const pureByName = [
  'api/**/*.ts',
  'kubelet/plan/*.ts',
  'kubelet/status/pod-status.ts',
  'kubelet/cgroups/qos.ts',
  'kube-proxy/resolve.ts',
  'kube-proxy/render.ts',
  'scheduler/schedule.ts',
  'scheduler/shape.ts',
  'scheduler/plugins/*.ts',
  'controller-manager/controllers/**/*.ts',
  'deploy/cluster/layout.ts',
  'deploy/node/network.ts',
]

/** Modules that only compute. */
const computing = new Set([
  'node:path',
  'node:util',
  'node:buffer',
  'node:assert',
  'node:assert/strict',
  'node:url',
  'zod',
  'yaml',
  'fast-json-patch',
  'lru-cache',
  're2js',
])
/** Single names of other modules that only compute. */
const computingNames: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'],
  'node:crypto': ['constants', 'createHash', 'createHmac', 'X509Certificate', 'createPrivateKey', 'createPublicKey', 'verify'],
}

const forbidden: readonly [RegExp, string][] = [
  [/\bDate\.now\(/, 'reads the clock'],
  [/\bnew Date\(\s*\)/, 'reads the clock'],
  [/\bperformance\.now\(/, 'reads the clock'],
  [/\bMath\.random\(/, 'draws a random number'],
  [/\brandomUUID\(|\brandomBytes\(|\bgetRandomValues\(/, 'draws a random number'],
  [/\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(/, 'starts a timer'],
  [/\bconsole\.|\bprocess\.(env|stdout|stderr|stdin|exit|argv|cwd|hrtime|on)\b/, 'touches the process'],
  [/\bfetch\(/, 'sends a request'],
]

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' ')).replaceAll(/(^|\s)\/\/[^\n]*/g, '$1')
}

function openingComment(text: string): string {
  return /^\s*(\/\*\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1] ?? ''
}

export function impurities(text: string): string[] {
  const code = withoutComments(text)
  const found = forbidden.flatMap(([pattern, why]) => {
    const match = pattern.exec(code)
    return match ? [`line ${code.slice(0, match.index).split('\n').length}: ${why} (${match[0]})`] : []
  })
  for (const match of code.matchAll(/^import\s+(type\s+)?([\s\S]*?)\s*from\s*'([^']+)'/gm)) {
    const [, isType, names = '', from = ''] = match
    if (isType || from.startsWith('.') || from.startsWith('#') || computing.has(from)) continue
    const imported = names
      .replaceAll(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name && !name.startsWith('type '))
    const allowed = computingNames[from] ?? []
    const wrong = imported.filter((name) => !allowed.includes(name))
    if (wrong.length > 0) found.push(`imports ${wrong.join(', ')} from ${from}`)
  }
  return found
}

const sources = globSync(
  '{api,client,component,streams,http2,apiserver,scheduler,controller-manager,kubelet,kube-proxy,kubectl,deploy}/**/*.ts',
  { cwd: checkout },
).filter((path) => !path.endsWith('.test.ts'))
const named = new Set(pureByName.flatMap((pattern) => globSync(pattern, { cwd: checkout })).filter((path) => !path.endsWith('.test.ts')))
const pure = sources.filter((path) => named.has(path) || /\bPure\b/.test(openingComment(readFileSync(join(checkout, path), 'utf8'))))

test('the check finds what it is to find', () => {
  assert.deepEqual(impurities("import { readFile } from 'node:fs/promises'\nconst now = Date.now()\n").length, 2)
  assert.deepEqual(
    impurities(
      "import { isIP } from 'node:net'\nimport type { Server } from 'node:http'\n// Date.now() is not read here\nnew Date(text)\n",
    ),
    [],
  )
})

test('pure files import no I/O and read no clock', () => {
  assert.ok(pure.length > 20, `only ${pure.length} pure files found`)
  const wrong = pure.flatMap((path) => impurities(readFileSync(join(checkout, path), 'utf8')).map((why) => `${path}: ${why}`))
  assert.deepEqual(wrong, [])
})
