/** Deployments and strategic merge patches of them, with all directives, from a seed. */

type Fields = Record<string, unknown>

export interface RandomPatches {
  deployment(name: string): Fields
  patch(): Fields
}

/** Numbers below n from a linear congruence: the same for the same seed everywhere. */
function generator(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

export function randomPatches(seed: number): RandomPatches {
  const below = generator(seed)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const chance = (percent: number): boolean => below(100) < percent
  const some = <T>(items: readonly T[]): T[] => {
    const chosen = items.filter(() => chance(50))
    return chance(50) ? chosen.reverse() : chosen
  }
  const env = (name: string): Fields => ({ name, ...(chance(70) ? { value: pick(['1', '2', '']) } : {}) })
  const port = (containerPort: number): Fields => ({ containerPort, ...(chance(50) ? { protocol: pick(['TCP', 'UDP']) } : {}) })
  const sources: readonly Fields[] = [
    { emptyDir: {} },
    { emptyDir: { medium: 'Memory' } },
    { hostPath: { path: '/x' } },
    { configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } },
    { secret: { secretName: 's' } },
  ]
  const volume = (name: string): Fields => ({ name, ...pick(sources) })
  const container = (name: string): Fields => ({
    name,
    image: pick(['a', 'b', 'c:1']),
    ...(chance(40) ? { command: some(['x', 'y', 'z']) } : {}),
    ...(chance(70) ? { env: some(['A', 'B', 'C', 'D']).map(env) } : {}),
    ...(chance(60) ? { ports: some([80, 81, 82]).map(port) } : {}),
    ...(chance(50) ? { resources: { limits: { cpu: pick(['1', '500m', 0.5]) } } } : {}),
    ...(chance(30) ? { livenessProbe: pick([{ exec: { command: ['a'] } }, { httpGet: { port: 80 } }]) } : {}),
  })

  const deployment = (name: string): Fields => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { a: '1', b: '2' }, finalizers: some(['a.b/1', 'a.b/2', 'a.b/3']) },
    spec: {
      selector: { matchLabels: { app: 'x' } },
      strategy: pick<Fields>([{ type: 'Recreate' }, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }]),
      template: {
        metadata: { labels: { app: 'x', y: 'z' } },
        spec: {
          containers: ['c1', ...some(['c2', 'c3'])].map(container),
          volumes: some(['v1', 'v2', 'v3']).map(volume),
          tolerations: [{ key: 'a', operator: 'Exists' }],
        },
      },
    },
  })

  /** A list with its directives: items to delete, an order beside it, a replacement of all. */
  const list = (name: string, key: string, items: readonly Fields[]): Fields => {
    const patched: Fields[] = items.map((item) => (chance(15) ? { [key]: item[key], $patch: 'delete' } : item))
    const order = items.map((item) => ({ [key]: item[key] }))
    const ordered = chance(30)
    if (!ordered && chance(8)) patched.push({ $patch: 'replace' })
    return { [name]: patched, ...(ordered ? { [`$setElementOrder/${name}`]: order } : {}) }
  }
  const patchedContainer = (name: string): Fields => {
    const { env: variables, ports, ...rest } = container(name)
    return {
      ...rest,
      ...(chance(20) ? { command: null } : {}),
      ...(variables === undefined ? {} : list('env', 'name', variables as Fields[])),
      ...(ports === undefined ? {} : list('ports', 'containerPort', ports as Fields[])),
    }
  }
  const patchedVolume = (name: string): Fields => {
    const made = volume(name)
    return chance(50) ? { ...made, $retainKeys: Object.keys(made) } : made
  }
  const strategies: readonly (Fields | null)[] = [
    { type: 'Recreate', rollingUpdate: null },
    { $retainKeys: ['type'], type: 'Recreate' },
    { rollingUpdate: { maxSurge: 2 } },
    { $patch: 'replace', type: 'Recreate' },
    null,
  ]
  const metadata = (): Fields => ({
    ...(chance(50)
      ? { labels: pick<Fields | null>([{ a: null, c: '3' }, { $patch: 'replace', d: '4' }, { $patch: 'delete' }, null]) }
      : {}),
    ...(chance(40)
      ? { finalizers: some(['a.b/1', 'a.b/2', 'a.b/4']) }
      : { '$deleteFromPrimitiveList/finalizers': some(['a.b/1', 'a.b/3']) }),
  })
  const patch = (): Fields => ({
    metadata: metadata(),
    spec: {
      ...(chance(30) ? { strategy: pick(strategies) } : {}),
      template: {
        spec: {
          ...(chance(60) ? list('containers', 'name', some(['c1', 'c2', 'c3', 'c4']).map(patchedContainer)) : {}),
          ...(chance(50) ? list('volumes', 'name', some(['v1', 'v2', 'v3']).map(patchedVolume)) : {}),
          ...(chance(20) ? { tolerations: [{ key: 'b', operator: 'Exists' }] } : {}),
        },
      },
    },
  })
  return { deployment, patch }
}
