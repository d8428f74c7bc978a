/** ImageLocality: prefers nodes that hold the pod's images already, by their size (upstream's thresholds: 23 MB to 1000 MB a container). */
import type { Plugin } from '#scheduler/plugin.ts'

const mb = 1024 * 1024
const [least, most] = [23 * mb, 1000 * mb]

/** `web` is kept as `docker.io/library/web:latest` in a node's list. */
export function imageNames(image: string): readonly string[] {
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
  return [tagged, `docker.io/${tagged}`, `docker.io/library/${tagged}`]
}

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score(shape, snapshot, { nodes, scores }) {
    const wanted = shape.images.map(imageNames)
    const top = most * Math.max(1, shape.images.length)
    for (const i of nodes) {
      const held = snapshot.rows[i]?.images
      const bytes = wanted.reduce((sum, names) => sum + (names.map((name) => held?.get(name)).find((size) => size !== undefined) ?? 0), 0)
      scores[i] = Math.floor((100 * (Math.min(Math.max(bytes, least), top) - least)) / (top - least))
    }
  },
  wakesOn: [],
}
