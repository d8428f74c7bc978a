/** Routes to the other nodes' pods: which there should be (pure), and one `ip` call for each that is missing or in the way. */
import type { Node } from '#api/core/node.ts'
import type { Informer } from '#client/informer.ts'
import { Backoff, sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import { exec } from '#component/exec.ts'
import type { Logger } from '#component/logging.ts'

/** Ours alone: routes of other protocols are never touched. */
const protocol = '92'

export interface Route {
  to: string
  via: string
}
export interface RoutePlan {
  add: Route[]
  remove: Route[]
}

/** Pure. Nodes without a podCIDR or an address get no route. */
export function planRoutes(nodes: readonly Node[], self: string, present: readonly Route[]): RoutePlan {
  const wanted = new Map<string, string>()
  for (const node of nodes) {
    const via = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
    if (node.metadata.name === self || !via) continue
    for (const to of node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])) if (!to.includes(':')) wanted.set(to, via)
  }
  const right = (route: Route): boolean => wanted.get(route.to) === route.via
  return {
    add: [...wanted]
      .map(([to, via]) => ({ to, via }))
      .filter((route) => !present.some((each) => each.to === route.to && each.via === route.via)),
    remove: present.filter((route) => !right(route) && !wanted.has(route.to)),
  }
}

/** Pure: argv for `ip`. */
export const addRoute = ({ to, via }: Route): string[] => ['ip', 'route', 'replace', to, 'via', via, 'proto', protocol]
export const removeRoute = ({ to, via }: Route): string[] => ['ip', 'route', 'del', to, 'via', via, 'proto', protocol]

export async function observeRoutes(run: NonNullable<NodeRoutesDeps['run']> = exec): Promise<Route[]> {
  const { stdout } = await run(['ip', '-j', 'route', 'show', 'proto', protocol])
  const routes = JSON.parse(stdout || '[]') as { dst: string; gateway?: string }[]
  return routes.filter(({ gateway }) => gateway !== undefined).map(({ dst, gateway = '' }) => ({ to: dst, via: gateway }))
}

interface NodeRoutesDeps {
  nodes: Pick<Informer<Node>, 'list' | 'onChange' | 'synced'>
  nodeName: string
  log: Pick<Logger, 'info' | 'warn'>
  /** Runs a command to its end. */
  run?(argv: readonly string[]): Promise<{ stdout: string }>
}

/** Follows the nodes; what fails is told once and tried again, ever more rarely: a node on another network stays there. */
export function nodeRoutes({ nodes, nodeName, log, run = exec }: NodeRoutesDeps): Runnable {
  return {
    name: 'routes to other nodes',
    async run(signal) {
      let poke = new AbortController()
      nodes.onChange((now, was) => {
        if (facts(now) !== facts(was)) poke.abort()
      })
      await nodes.synced
      const backoff = new Backoff({ firstMs: 3000, maxMs: everyMs })
      let told = ''
      while (!signal.aborted) {
        poke = new AbortController()
        const failures = await observeRoutes(run).then(
          (present) => apply(planRoutes(nodes.list(), nodeName, present), { run, log }),
          (error: Error) => [error.message],
        )
        const error = failures.join('; ')
        if (error !== '' && error !== told) log.warn({ error }, 'cannot change a route')
        told = error
        if (error === '') backoff.reset()
        await sleep(error === '' ? everyMs : backoff.next(), AbortSignal.any([signal, poke.signal]))
      }
    },
  }
}

const everyMs = 60_000
const facts = (node: Node | undefined): string => JSON.stringify([node?.spec?.podCIDRs, node?.spec?.podCIDR, node?.status?.addresses])

/** Answers what failed. */
async function apply(plan: RoutePlan, { run, log }: Pick<Required<NodeRoutesDeps>, 'run' | 'log'>): Promise<string[]> {
  const failures: string[] = []
  for (const argv of [...plan.remove.map(removeRoute), ...plan.add.map(addRoute)]) {
    try {
      await run(argv)
      log.info({ argv: argv.join(' ') }, 'changed a route')
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  return failures
}
