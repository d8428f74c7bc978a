/** The small registry as a process, for a network namespace of its own: prints its address, and takes a mood a line. Ends with its input. */
import { createInterface } from 'node:readline'
import { type SmallRegistry, smallRegistry } from '#test/integration/runtime/small-registry.ts'

const registry = await smallRegistry()
process.stdout.write(`${registry.address}\n`)
for await (const mood of createInterface({ input: process.stdin })) {
  registry.mood = mood as SmallRegistry['mood']
  process.stdout.write('done\n')
}
registry.close()
