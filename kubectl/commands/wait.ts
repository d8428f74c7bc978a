/** kubectl wait: until objects have a condition, a value at a path, exist, or are gone. */
import type { KubeObject } from '#api/resource.ts'
import { awaitObject } from '#kubectl/await-object.ts'
import { command, list, onOff, text, UsageError } from '#kubectl/command.ts'
import { durationMs } from '#kubectl/duration.ts'
import { manifestTargets } from '#kubectl/manifest/locate.ts'
import { findJsonPath } from '#kubectl/print/jsonpath.ts'
import type { ApiResource } from '#kubectl/served-types.ts'
import { displayName, fetchObjects, refOf, targetsOf } from '#kubectl/targets.ts'

/** What a negative --timeout means. */
const weekMs = 7 * 24 * 3_600_000

interface Goal {
  what: string
  said: string
  holds(object: KubeObject | undefined): boolean
}

export const wait = command({
  name: 'wait',
  args: '([-f FILENAME] | resource/name | TYPE [-l label | --all]) --for=condition=...|jsonpath=...|create|delete',
  summary: 'Wait for a specific condition on one or many resources',
  examples: ['kubectl wait --for=condition=Ready pod/web', 'kubectl wait --for=delete pod/web --timeout=60s'],
  flags: {
    for: text('condition=NAME[=VALUE], jsonpath={PATH}=VALUE, create or delete.'),
    timeout: text('How long to wait.', { fallback: '30s' }),
    selector: text('Objects whose labels match.', { short: 'l' }),
    all: onOff('All objects of the type.'),
    'all-namespaces': onOff('In all namespaces.', { short: 'A' }),
    filename: list('Objects of these manifests.', { short: 'f' }),
    recursive: onOff('Read folders of -f to their bottom.', { short: 'R' }),
  },
  async run({ args, flags, ctx }) {
    const goal = goalOf(flags.for)
    const limitMs = durationMs(flags.timeout)
    const deadline = Date.now() + (limitMs < 0 ? weekMs : limitMs)
    const targets =
      flags.filename.length > 0
        ? await manifestTargets(flags.filename, { recursive: flags.recursive, ctx })
        : targetsOf(args, await ctx.types())
    const named = targets.flatMap((t) => t.names.map((name) => ({ type: t.type, ref: refOf(t, name, ctx) })))
    const listed = await fetchObjects(
      targets.filter((t) => t.names.length === 0),
      ctx,
      { labelSelector: flags.selector, allNamespaces: flags['all-namespaces'] },
    )
    const all: { type: ApiResource; ref: { namespace?: string | undefined; name: string } }[] = [
      ...named,
      ...listed.map(({ type, object }) => ({ type, ref: { namespace: object.metadata.namespace, name: object.metadata.name ?? '' } })),
    ]
    if (all.length === 0) {
      if (goal.what === 'delete') return
      throw new UsageError('no matching resources found')
    }
    for (const { type, ref } of all) {
      if (goal.what !== 'delete' && goal.what !== 'create') await ctx.client().get(type, ref)
      await awaitObject({ type, ref, ctx, deadline, what: goal.what }, goal.holds)
      ctx.io.out.write(`${displayName(type, ref.name)} ${goal.said}\n`)
    }
  },
})

interface Conditioned {
  metadata: { generation?: number }
  status?: { conditions?: { type: string; status: string; observedGeneration?: number }[]; observedGeneration?: number }
}

function goalOf(text: string): Goal {
  if (text === 'delete') return { what: 'delete', said: 'deleted', holds: (object) => object === undefined }
  if (text === 'create') return { what: 'create', said: 'created', holds: (object) => object !== undefined }
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(text)
  if (condition) return conditionGoal(condition[1] ?? '', condition[2] ?? 'true')
  const path = /^jsonpath=(\{.*\}|[^=]+)(?:=(.*))?$/s.exec(text)
  if (path) return pathGoal(path[1] ?? '', path[2]?.replace(/^(["'])(.*)\1$/, '$2'))
  throw new UsageError(text === '' ? 'must specify --for' : `unrecognized condition: "${text}"`)
}

function conditionGoal(name: string, value: string): Goal {
  return {
    what: 'condition',
    said: 'condition met',
    holds(object) {
      const { metadata, status } = (object ?? { metadata: {} }) as Conditioned
      const found = status?.conditions?.find((c) => c.type.toLowerCase() === name.toLowerCase())
      const seen = found?.observedGeneration ?? status?.observedGeneration
      if (found === undefined || (seen !== undefined && metadata.generation !== undefined && seen < metadata.generation)) return false
      return found.status.toLowerCase() === value.toLowerCase()
    },
  }
}

function pathGoal(path: string, value: string | undefined): Goal {
  return {
    what: 'condition',
    said: 'condition met',
    holds(object) {
      const found = object === undefined ? [] : findJsonPath(path, object)
      if (value === undefined) return found.some((v) => v !== undefined && v !== null && v !== '')
      return found.some((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v)) === value)
    },
  }
}
