/** Routes to the other nodes' pods: which there should be (pure), and one `ip` call for each that is missing or in the way. */
import type { Node } from '#api/core/node.ts'
import type { Informer } from '#client/informer.ts'
import { sleep } from '#component/clock.ts'
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

export async function observeRoutes(): Promise<Route[]> {
  const { stdout } = await exec(['ip', '-j', 'route', 'show', 'proto', protocol])
  const routes = JSON.parse(stdout || '[]') as { dst: string; gateway?: string }[]
  return routes.filter(({ gateway }) => gateway !== undefined).map(({ dst, gateway = '' }) => ({ to: dst, via: gateway }))
}

/** Follows the nodes; a failed route is tried again every few seconds. */
export function nodeRoutes(deps: { nodes: Informer<Node>; nodeName: string; log: Logger }): Runnable {
  const { nodes } = deps
  return {
    name: 'routes to other nodes',
    async run(signal) {
      let poke = new AbortController()
      nodes.onChange((now, was) => {
        if (facts(now) !== facts(was)) poke.abort()
      })
      await nodes.synced
      while (!signal.aborted) {
        poke = new AbortController()
        const ok = await apply(planRoutes(nodes.list(), deps.nodeName, await observeRoutes()), deps.log)
        await sleep(ok ? 60_000 : 3000, AbortSignal.any([signal, poke.signal]))
      }
    },
  }
}

const facts = (node: Node | undefined): string => JSON.stringify([node?.spec?.podCIDRs, node?.spec?.podCIDR, node?.status?.addresses])

async function apply(plan: RoutePlan, log: Logger): Promise<boolean> {
  let ok = true
  for (const argv of [...plan.remove.map(removeRoute), ...plan.add.map(addRoute)]) {
    try {
      await exec(argv)
      log.info({ argv: argv.join(' ') }, 'changed a route')
    } catch (error) {
      ok = false
      log.warn({ error }, 'cannot change a route')
    }
  }
  return ok
}
