/** kubectl logs: what containers wrote; of one pod, or of all pods that a selector or a workload names, each line then prefixed on request. */
import type { Pod } from '#api/core/pod.ts'
import { resourcePath } from '#client/resource-path.ts'
import { linesOf } from '#client/watch-frames.ts'
import { type Ctx, command, type FlagValues, number, onOff, text, UsageError } from '#kubectl/command.ts'
import { durationMs } from '#kubectl/duration.ts'
import { podType } from '#kubectl/known-types.ts'
import { podsOf } from '#kubectl/pods-of.ts'

const flags = {
  follow: onOff('Go on as more is written.', { short: 'f' }),
  container: text('Name of the container.', { short: 'c' }),
  'all-containers': onOff('All containers of the pods.'),
  previous: onOff('The container before the last restart.', { short: 'p' }),
  since: text('Only what is newer than this, such as 5s, 2m, 3h.'),
  'since-time': text('Only what is newer than this RFC 3339 time.'),
  tail: number('Only this many lines from the end; all without a selector, 10 with one.'),
  timestamps: onOff('Write the time before each line.'),
  prefix: onOff('Write pod and container before each line.'),
  'limit-bytes': number('At most this many bytes.'),
  selector: text('Pods whose labels match.', { short: 'l' }),
  'max-log-requests': number('Streams at once with a selector.', { fallback: 5 }),
  'ignore-errors': onOff('Go on where one stream fails.'),
} as const
type Values = FlagValues<typeof flags>

interface Source {
  pod: Pod
  container: string
}

export const logs = command({
  name: 'logs',
  args: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  summary: 'Print the logs for a container in a pod',
  examples: ['kubectl logs web', 'kubectl logs -f deploy/web --all-containers', 'kubectl logs -l app=web --prefix'],
  flags,
  async run({ args, flags: values, ctx }) {
    const [name, container] = args
    if (name === undefined && values.selector === '')
      throw new UsageError(
        "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
      )
    if (name !== undefined && values.selector !== '') throw new UsageError('only a selector (-l) or a POD name is allowed')
    const pods = await podsOf({ word: name, selector: values.selector, ctx })
    if (pods.length === 0) {
      ctx.io.err.write(`No resources found in ${ctx.namespace} namespace.\n`)
      return
    }
    const chosen = values.selector === '' ? pods.slice(0, 1) : pods
    if (chosen.length < pods.length) ctx.io.err.write(`Found ${pods.length} pods, using pod/${chosen[0]?.metadata.name}\n`)
    const sources = chosen.flatMap((pod) => sourcesOf(pod, values.container || container || '', values, ctx))
    const most = values['max-log-requests'] ?? 5
    if (values.follow && sources.length > most)
      throw new UsageError(
        `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
      )
    if (values.follow) await Promise.all(sources.map((source) => copy(source, values, ctx)))
    else for (const source of sources) await copy(source, values, ctx)
  },
})

function sourcesOf(pod: Pod, container: string, values: Values, ctx: Ctx): readonly Source[] {
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].map((c) => c.name)
  if (values['all-containers']) return names.map((name) => ({ pod, container: name }))
  if (container !== '') {
    if (!names.includes(container)) throw new UsageError(`container ${container} is not valid for pod ${pod.metadata.name}`)
    return [{ pod, container }]
  }
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec.containers[0]?.name ?? ''
  if (pod.spec.containers.length > 1) ctx.io.err.write(`Defaulted container "${chosen}" out of: ${names.join(', ')}\n`)
  return [{ pod, container: chosen }]
}

async function copy({ pod, container }: Source, values: Values, ctx: Ctx): Promise<void> {
  const { namespace, name = '' } = pod.metadata
  const since = values.since === '' ? undefined : Math.ceil(durationMs(values.since) / 1000)
  const tail = values.tail ?? (values.selector === '' ? undefined : 10)
  const path = resourcePath(podType, { namespace, name }, 'log', {
    container,
    follow: values.follow,
    previous: values.previous,
    timestamps: values.timestamps,
    sinceSeconds: since,
    sinceTime: values['since-time'],
    tailLines: tail === undefined || tail < 0 ? undefined : tail,
    limitBytes: values['limit-bytes'],
  })
  const lead = values.prefix ? `[pod/${name}/${container}] ` : ''
  try {
    const chunks = await ctx.client().stream(path, { signal: ctx.signal })
    if (lead === '') for await (const chunk of chunks) ctx.io.out.write(chunk)
    else for await (const line of linesOf(chunks)) ctx.io.out.write(Buffer.concat([Buffer.from(lead), line, Buffer.from('\n')]))
  } catch (error) {
    if (!values['ignore-errors']) throw error
    ctx.io.err.write(`error: ${(error as Error).message}\n`)
  }
}
