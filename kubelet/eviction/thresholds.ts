/** Thresholds from the configuration: hard and soft ones, with grace and what is to be reclaimed beyond them. Pure. */
import { isQuantity, quantityValue } from '#api/meta/quantity.ts'
import { parseDuration } from '#component/flags.ts'
import { isSignal, type Observation, type Signal } from './signals.ts'

/** A number of bytes, inodes or processes, or a share of what there is. */
export type Amount = { value: number; text: string } | { share: number }

export interface Threshold {
  signal: Signal
  amount: Amount
  /** 0 for a hard one. */
  graceMs: number
  minReclaim?: Amount
}

export interface EvictionConfig {
  evictionHard: Readonly<Record<string, string>>
  evictionSoft: Readonly<Record<string, string>>
  evictionSoftGracePeriod: Readonly<Record<string, string>>
  evictionMinimumReclaim: Readonly<Record<string, string>>
}

export class ThresholdError extends Error {}

/** Also the hard threshold on the memory of all pods together, as where the node's allocatable is enforced on them. Throws ThresholdError. */
export function parseThresholds(config: EvictionConfig): Threshold[] {
  const hard = amounts(config.evictionHard, 'threshold').map(([signal, amount]) => ({ signal, amount, graceMs: 0 }))
  const graces = new Map(Object.entries(config.evictionSoftGracePeriod).map(([name, text]) => [known(name), graceOf(text)]))
  const soft = amounts(config.evictionSoft, 'threshold').map(([signal, amount]) => {
    const graceMs = graces.get(signal)
    if (graceMs === undefined) throw new ThresholdError(`grace period must be specified for the soft eviction threshold ${signal}`)
    return { signal, amount, graceMs }
  })
  const reclaims = new Map(amounts(config.evictionMinimumReclaim, 'minimum reclaim'))
  const all = [...hard, ...soft].map((threshold): Threshold => {
    const minReclaim = reclaims.get(threshold.signal)
    return minReclaim === undefined ? threshold : { ...threshold, minReclaim }
  })
  const allocatable = all
    .filter(({ signal, graceMs }) => signal === 'memory.available' && graceMs === 0)
    .map((threshold): Threshold => ({ ...threshold, signal: 'allocatableMemory.available' }))
  return [...all, ...allocatable]
}

function known(name: string): Signal {
  if (!isSignal(name)) throw new ThresholdError(`unsupported eviction signal ${name}`)
  return name
}

function graceOf(text: string): number {
  let ms: number
  try {
    ms = parseDuration(text)
  } catch (error) {
    throw new ThresholdError((error as Error).message)
  }
  if (ms < 0) throw new ThresholdError(`invalid eviction grace period specified: ${text}, must be a positive value`)
  return ms
}

function amounts(statements: Readonly<Record<string, string>>, what: 'threshold' | 'minimum reclaim'): [Signal, Amount][] {
  return Object.entries(statements).flatMap(([name, text]): [Signal, Amount][] => {
    const signal = known(name)
    // Both are upstream's way to switch a default off.
    if (what === 'threshold' && (text === '0%' || text === '100%')) return []
    return [[signal, amountOf(signal, text, what)]]
  })
}

function amountOf(signal: Signal, text: string, what: 'threshold' | 'minimum reclaim'): Amount {
  if (text.endsWith('%')) {
    // Upstream counts in single precision, which shows in its messages.
    const share = Math.fround(Math.fround(Number(text.slice(0, -1))) / 100)
    if (Number.isNaN(share)) throw new ThresholdError(`eviction percentage ${what} ${signal} is no number: ${text}`)
    if (share < 0 || (what === 'minimum reclaim' && share === 0))
      throw new ThresholdError(`eviction percentage ${what} ${signal} must be ${what === 'threshold' ? '>= 0%' : 'positive'}: ${text}`)
    if (what === 'threshold' && share > 1) throw new ThresholdError(`eviction percentage threshold ${signal} must be <= 100%: ${text}`)
    return { share }
  }
  if (!isQuantity(text)) throw new ThresholdError(`eviction ${what} ${signal} is no quantity: ${text}`)
  const value = quantityValue(text)
  if (what === 'threshold' && value <= 0) throw new ThresholdError(`eviction threshold ${signal} must be positive: ${text}`)
  if (value < 0) throw new ThresholdError(`negative eviction minimum reclaim specified for ${signal}`)
  return { value, text }
}

/** In units of what is observed. Shares are rounded down, as upstream's. */
export function amountIn(amount: Amount, { capacity }: Observation): number {
  return 'value' in amount ? amount.value : Math.floor(capacity * amount.share)
}
