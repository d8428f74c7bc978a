import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseCredentialConfig, readCredentialConfig } from './credential-config.ts'
import { CredentialPlugins, credentialPlugins } from './credential-plugins.ts'

const version = 'credentialprovider.kubelet.k8s.io/v1'
const provider = { name: 'ask', matchImages: ['*.reg.test', 'reg.test:5000/own'], defaultCacheDuration: '10m', apiVersion: version }
const config = (...providers: object[]) =>
  JSON.stringify({ apiVersion: 'kubelet.config.k8s.io/v1', kind: 'CredentialProviderConfig', providers })

test('a configuration that cannot be is refused with the key that is wrong', () => {
  const refused: [string, string, RegExp][] = [
    ['no providers', config(), /providers: at least 1 item in plugins is required/],
    ['a path', config({ ...provider, name: '../x' }), /providers.0.name: provider name cannot contain '\/' or spaces/],
    ['no images', config({ ...provider, matchImages: [] }), /providers.0.matchImages: at least 1 item/],
    ['no duration', config({ ...provider, defaultCacheDuration: undefined }), /providers.0.defaultCacheDuration: Required value/],
    ['another version', config({ ...provider, apiVersion: 'v1' }), /providers.0.apiVersion: supported values/],
    ['tokens', config({ ...provider, tokenAttributes: {} }), /tokenAttributes: service account tokens .* are not supported yet/],
    ['another kind', '{"kind":"Pod"}', /kind: /],
    ['no YAML', '{', /not YAML/],
  ]
  for (const [story, text, pattern] of refused) assert.throws(() => parseCredentialConfig(text, 'f'), pattern, story)
  const [parsed] = parseCredentialConfig(config(provider), 'f')
  assert.deepEqual([parsed?.defaultCacheDuration, parsed?.args, parsed?.env], [600_000, [], []])
})

test('programs are asked once for what their answers hold for', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'plugins-'))
  context.after(() => rmSync(dir, { recursive: true }))
  const [asked, answer] = [join(dir, 'asked'), join(dir, 'answer')]
  writeFileSync(join(dir, 'ask'), `#!/bin/sh\n{ cat; echo " $1 $WHO"; } >> ${asked}\n. ${answer}\n`)
  chmodSync(join(dir, 'ask'), 0o755)
  const says = (fields: object, status = 0): void =>
    writeFileSync(
      answer,
      `cat <<'E'\n${JSON.stringify({ kind: 'CredentialProviderResponse', apiVersion: version, ...fields })}\nE\nexit ${status}\n`,
    )
  const file = join(dir, 'config.yaml')
  writeFileSync(file, config({ ...provider, args: ['get'], env: [{ name: 'WHO', value: 'node' }] }))
  let now = 0
  const warnings: string[] = []
  const log = { warn: ({ error }: { error: Error }) => void warnings.push(error.message) } as never
  const plugins = new CredentialPlugins({ providers: readCredentialConfig(file), binDir: dir, now: () => new Date(now), log })
  const times = (): number => readFileSync(asked, 'utf8').trim().split('\n').length

  const auth = { '*.reg.test': { username: 'u', password: 'p' } }
  says({ cacheKeyType: 'Registry', cacheDuration: '1m0s', auth })
  assert.deepEqual(await plugins.auths('other.test/a'), [], 'no pattern fits')
  assert.deepEqual(await Promise.all([plugins.auths('a.reg.test/x'), plugins.auths('a.reg.test/x')]), [[auth], [auth]])
  const request = JSON.parse(`${readFileSync(asked, 'utf8').split('} ')[0]}}`) as object
  assert.deepEqual(request, { kind: 'CredentialProviderRequest', apiVersion: version, image: 'a.reg.test/x' })
  assert.match(readFileSync(asked, 'utf8'), / get node$/m)
  await plugins.auths('a.reg.test/y')
  assert.equal(times(), 1, 'the whole registry')
  await plugins.auths('b.reg.test/x')
  assert.equal(times(), 2)
  now = 61_000
  says({ cacheKeyType: 'Image', cacheDuration: '0s', auth })
  await plugins.auths('a.reg.test/x')
  await plugins.auths('a.reg.test/x')
  assert.equal(times(), 4, 'not to be kept')
  says({ cacheKeyType: 'Global', auth: {} })
  await plugins.auths('reg.test:5000/own/x')
  await plugins.auths('c.reg.test/x')
  assert.equal(times(), 5)

  now = 10_000_000
  const failing: [object, number, RegExp][] = [
    [{}, 3, /exit status 3/],
    [{ kind: 'Pod' }, 0, /expected a CredentialProviderResponse/],
    [{ apiVersion: 'v9' }, 0, /expected apiVersion:credentialprovider.kubelet.k8s.io\/v1, actual apiVersion:v9/],
    [{ cacheKeyType: 'Moon' }, 0, /did not return a valid cacheKeyType: Moon/],
  ]
  for (const [fields, status, pattern] of failing) {
    says(fields, status)
    assert.deepEqual(await plugins.auths('a.reg.test/x'), [{}])
    assert.match(warnings.at(-1) ?? '', pattern)
  }
  assert.throws(
    () => credentialPlugins({ config: file, binDir: '/nowhere' }, { now: () => new Date(), log }),
    /\/nowhere\/ask did not exist/,
  )
  assert.throws(() => credentialPlugins({ config: file, binDir: '' }, { now: () => new Date(), log }), /together/)
  assert.equal(credentialPlugins({ config: '', binDir: '' }, { now: () => new Date(), log }), undefined)
})
