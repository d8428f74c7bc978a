/** Readings in several rounds, in turns, and their medians: one reading alone may be off by a third, and not for both sides alike. */
import { percentile } from './usage.ts'

/** Takes one reading; rounds count from 0. */
type Take = (round: number) => Promise<object>
type Taken<T> = T extends (round: number) => Promise<infer R> ? R : undefined

/** Each of them once a round, in their order, so that all meet the same moods of the machine; all readings of each. */
export async function inTurns<T extends Record<string, Take | undefined>>(
  rounds: number,
  takes: T,
): Promise<{ [K in keyof T]: Taken<T[K]>[] }> {
  const all = new Map<string, object[]>(Object.keys(takes).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, take] of Object.entries(takes)) if (take) all.get(name)?.push(await take(round))
  return Object.fromEntries(all) as { [K in keyof T]: Taken<T[K]>[] }
}

/** Field by field, of readings that are nothing but numbers. */
export function medianOf<R extends object>(readings: readonly R[]): R {
  const numbers = readings as readonly Record<string, number>[]
  const names = Object.keys(numbers[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [
      name,
      percentile(
        numbers.map((each) => each[name] ?? Number.NaN),
        0.5,
      ),
    ]),
  ) as R
}

/** What is not taken has no median. `warmUps`: so many rounds before, which do not count. */
export async function medians<T extends Record<string, Take | undefined>>(
  rounds: number,
  takes: T,
  warmUps = 0,
): Promise<{ [K in keyof T]: Taken<T[K]> }> {
  const all = await inTurns(warmUps + rounds, takes)
  return Object.fromEntries(
    Object.entries(all).map(([name, readings]) => [name, readings.length === 0 ? undefined : medianOf(readings.slice(warmUps))]),
  ) as { [K in keyof T]: Taken<T[K]> }
}
