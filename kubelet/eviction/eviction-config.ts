/** The defaults of hard eviction, and what in the configuration of eviction and of image collection makes no sense. Pure. */
import { type EvictionConfig, parseThresholds, ThresholdError } from './thresholds.ts'

export const defaultEvictionHard: Readonly<Record<string, string>> = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
}

/** What is given replaces the defaults as a whole, unless it is to be merged into them. */
export function evictionHardOf(given: Readonly<Record<string, string>>, merge: boolean): Readonly<Record<string, string>> {
  if (Object.keys(given).length === 0) return defaultEvictionHard
  return merge ? { ...defaultEvictionHard, ...given } : given
}

/** Undefined when all is well. */
export function evictionProblem(
  config: EvictionConfig & { imageGCHighThresholdPercent: number; imageGCLowThresholdPercent: number },
): string | undefined {
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = config
  if (low >= high) return `imageGCLowThresholdPercent ${low} must be less than imageGCHighThresholdPercent ${high}`
  try {
    parseThresholds(config)
    return undefined
  } catch (error) {
    if (error instanceof ThresholdError) return error.message
    throw error
  }
}
