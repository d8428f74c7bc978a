/** A part of the corpus from the definitions, played to both servers: no kind may fall behind. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resources } from '#api/scheme.ts'
import { startTestApiServer } from '#test/harness/apiserver.ts'
import { corpusOf } from './requests.ts'
import { compareKind, percentOf, unfinishedBelow, withNamespace } from './run.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
/** One variation in so many: the whole corpus takes minutes. */
const thinning = 20

test('each kind answers as upstream does', { skip }, async (t) => {
  await using server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('admin', 'system:masters')
  const ours = { origin: server.url, cert, key }
  const namespace = `differs-test-${process.pid}`
  await withNamespace(ours, namespace, async () => {
    for (const resource of resources) {
      const corpus = corpusOf(resource, namespace, thinning)
      if (corpus === undefined) continue
      await t.test(corpus.id, async () => {
        const differences: object[] = []
        const rate = await compareKind(corpus, ours, (difference) => differences.push(difference))
        // few questions: one difference must not make a kind of twenty fail
        const isFine = percentOf(rate) >= unfinishedBelow || rate.asked - rate.equal <= 1
        assert.ok(isFine, JSON.stringify(differences.slice(0, 5), undefined, 1))
      })
    }
  })
})
