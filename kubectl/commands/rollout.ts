/** kubectl rollout: status, history, undo, pause, resume, restart of deployments. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import { formatSelector, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import type { Patch } from '#client/rest.ts'
import { awaitObject } from '#kubectl/await-object.ts'
import { type Ctx, command, number, onOff, text, UsageError } from '#kubectl/command.ts'
import { durationMs } from '#kubectl/duration.ts'
import { deploymentType, replicaSetType } from '#kubectl/known-types.ts'
import { alignColumns } from '#kubectl/print/columns.ts'
import { yamlText } from '#kubectl/print/objects.ts'
import { oneTarget } from '#kubectl/targets.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const causeAnnotation = 'kubernetes.io/change-cause'
const hashLabel = 'pod-template-hash'

async function deploymentOf(args: readonly string[], ctx: Ctx) {
  const { type, ref } = await oneTarget(args, ctx)
  if (type.kind !== 'Deployment' || type.group !== 'apps')
    throw new UsageError(`rollouts of ${type.plural} are not supported by this kubectl yet`)
  return { type, ref, deployment: await ctx.client().get(deploymentType, ref) }
}

/** How far a rollout is, in upstream's words. Pure. */
export function rolloutStatus(deployment: Deployment): { message: string; done: boolean; failed?: string } {
  const { metadata, spec, status } = deployment
  const name = metadata.name ?? ''
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return { message: 'Waiting for deployment spec update to be observed...\n', done: false }
  const progressing = status.conditions?.find((c) => c.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return { message: '', done: false, failed: `deployment "${name}" exceeded its progress deadline` }
  const [replicas, updated, available, wanted] = [
    status.replicas ?? 0,
    status.updatedReplicas ?? 0,
    status.availableReplicas ?? 0,
    spec.replicas ?? 1,
  ]
  const waiting = `Waiting for deployment "${name}" rollout to finish:`
  if (updated < wanted) return { message: `${waiting} ${updated} out of ${wanted} new replicas have been updated...\n`, done: false }
  if (replicas > updated) return { message: `${waiting} ${replicas - updated} old replicas are pending termination...\n`, done: false }
  if (available < updated) return { message: `${waiting} ${available} of ${updated} updated replicas are available...\n`, done: false }
  return { message: `deployment "${name}" successfully rolled out\n`, done: true }
}

export const status = command({
  name: 'rollout status',
  args: '(TYPE NAME | TYPE/NAME)',
  summary: 'Show the status of the rollout',
  examples: ['kubectl rollout status deploy/web --timeout=60s'],
  flags: {
    watch: onOff('Wait until the rollout is done.', { short: 'w', fallback: true }),
    timeout: text('How long to wait; 0 waits for ever.', { fallback: '0s' }),
    revision: number('Fail if the deployment moves on to another revision.', { fallback: 0 }),
  },
  async run({ args, flags, ctx }) {
    const { type, ref } = await deploymentOf(args, ctx)
    const limitMs = durationMs(flags.timeout)
    let said = ''
    const look = (deployment: Deployment): boolean => {
      const { message, done, failed } = rolloutStatus(deployment)
      if (flags.revision && deployment.metadata.annotations?.[revisionAnnotation] !== String(flags.revision))
        throw new UsageError(
          `desired revision (${flags.revision}) is different from the running revision (${deployment.metadata.annotations?.[revisionAnnotation]})`,
        )
      if (failed !== undefined) throw new UsageError(failed)
      if (message !== said) ctx.io.out.write(message)
      said = message
      return done
    }
    if (!flags.watch) {
      look(await ctx.client().get(deploymentType, ref))
      return
    }
    const deadline = limitMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + limitMs
    await awaitObject({ type, ref, ctx, deadline, what: 'condition' }, (object) => {
      if (!object) throw new UsageError('object has been deleted')
      return look(object as Deployment)
    })
  },
})

/** ReplicaSets of a deployment by revision, oldest first. */
async function revisionsOf(deployment: Deployment, ctx: Ctx): Promise<ReadonlyMap<number, ReplicaSet>> {
  const selector = formatSelector(selectorFromLabelSelector(deployment.spec.selector) ?? [])
  const { items } = await ctx.client().list(replicaSetType, { namespace: deployment.metadata.namespace, labelSelector: selector })
  const own = items.filter((rs) => rs.metadata.ownerReferences?.some((o) => o.controller && o.uid === deployment.metadata.uid))
  const numbered = own.map((rs) => [Number(rs.metadata.annotations?.[revisionAnnotation] ?? 0), rs] as const)
  return new Map(numbered.sort(([a], [b]) => a - b))
}

export const history = command({
  name: 'rollout history',
  args: '(TYPE NAME | TYPE/NAME) [flags]',
  summary: 'View rollout history',
  examples: ['kubectl rollout history deploy/web', 'kubectl rollout history deploy/web --revision=2'],
  flags: { revision: number('Show this revision in full.', { fallback: 0 }) },
  async run({ args, flags, ctx }) {
    const { deployment } = await deploymentOf(args, ctx)
    const revisions = await revisionsOf(deployment, ctx)
    const head = `deployment.apps/${deployment.metadata.name}`
    if (flags.revision) {
      const found = revisions.get(flags.revision)
      if (!found) throw new UsageError(`unable to find the specified revision`)
      ctx.io.out.write(
        `${head} with revision #${flags.revision}\nPod Template:\n${yamlText(found.spec.template).replace(/^/gm, '  ').trimEnd()}\n`,
      )
      return
    }
    const rows = [...revisions].map(([revision, rs]) => [String(revision), rs.metadata.annotations?.[causeAnnotation] ?? '<none>'])
    ctx.io.out.write(`${head} \n${alignColumns([['REVISION', 'CHANGE-CAUSE'], ...rows])}\n`)
  },
})

export const undo = command({
  name: 'rollout undo',
  args: '(TYPE NAME | TYPE/NAME)',
  summary: 'Undo a previous rollout',
  examples: ['kubectl rollout undo deploy/web', 'kubectl rollout undo deploy/web --to-revision=3'],
  flags: { 'to-revision': number('Revision to go back to; 0 means the one before.', { fallback: 0 }) },
  async run({ args, flags, ctx }) {
    const { deployment, ref } = await deploymentOf(args, ctx)
    if (deployment.spec.paused)
      throw new UsageError(
        `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/${ref.name}' and try again`,
      )
    const revisions = await revisionsOf(deployment, ctx)
    const wanted = flags['to-revision'] || [...revisions.keys()].at(-2)
    const target = wanted === undefined ? undefined : revisions.get(wanted)
    if (!target)
      throw new UsageError(
        flags['to-revision']
          ? `unable to find specified revision ${flags['to-revision']} in history`
          : `no rollout history found for deployment "${ref.name}"`,
      )
    const template = structuredClone(target.spec.template) ?? {}
    if (template.metadata?.labels) delete template.metadata.labels[hashLabel]
    const said =
      JSON.stringify(template) === JSON.stringify(deployment.spec.template)
        ? `skipped rollback (current template already matches revision ${wanted})`
        : 'rolled back'
    if (said === 'rolled back')
      await ctx.client().patch(deploymentType, ref, { type: 'json', body: [{ op: 'replace', path: '/spec/template', value: template }] })
    ctx.io.out.write(`deployment.apps/${ref.name} ${said}\n`)
  },
})

interface Change {
  verb: string
  done: string
  summary: string
  /** Undefined where nothing is to be changed. */
  patch(deployment: Deployment, now: Date): Patch | undefined
  already: string
}

const change = ({ verb, done, summary, patch, already }: Change) =>
  command({
    name: `rollout ${verb}`,
    args: '(TYPE NAME | TYPE/NAME)',
    summary,
    examples: [`kubectl rollout ${verb} deploy/web`],
    flags: {},
    async run({ args, ctx }) {
      const { deployment, ref } = await deploymentOf(args, ctx)
      const body = patch(deployment, ctx.now())
      if (!body) throw new UsageError(`deployments.apps "${ref.name}" ${already}`)
      await ctx.client().patch(deploymentType, ref, body, { fieldManager: 'kubectl-rollout' })
      ctx.io.out.write(`deployment.apps/${ref.name} ${done}\n`)
    },
  })

const paused = (value: boolean | null): Patch => ({ type: 'merge', body: { spec: { paused: value } } })

export const pause = change({
  verb: 'pause',
  done: 'paused',
  summary: 'Mark the provided resource as paused',
  already: 'is already paused',
  patch: ({ spec }) => (spec.paused ? undefined : paused(true)),
})

export const resume = change({
  verb: 'resume',
  done: 'resumed',
  summary: 'Resume a paused resource',
  already: 'is not paused',
  patch: ({ spec }) => (spec.paused ? paused(null) : undefined),
})

export const restart = change({
  verb: 'restart',
  done: 'restarted',
  summary: 'Restart a resource',
  already: "can't be restarted: it is paused (run rollout resume first)",
  patch: ({ spec }, now) =>
    spec.paused
      ? undefined
      : {
          type: 'strategic',
          body: {
            spec: {
              template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now.toISOString().replace(/\.\d+Z$/, 'Z') } } },
            },
          },
        },
})
