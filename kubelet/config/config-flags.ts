/** Flags that say the same as a key of the configuration file, under upstream's names: those about eviction, images and logs. Pure. */
import { StartupError } from '#component/daemon.ts'
import { type Flag, stringFlag } from '#component/flags.ts'

interface ConfigFlag {
  key: string
  read(text: string, name: string): unknown
}

const text = (given: string): string => given
const number = (given: string, name: string): number => {
  if (!/^-?\d+$/.test(given)) throw new StartupError(`--${name}: "${given}" is not a whole number`)
  return Number(given)
}
const pairs =
  (between: '<' | '=') =>
  (given: string, name: string): Record<string, string> =>
    Object.fromEntries(
      given
        .split(',')
        .filter((pair) => pair !== '')
        .map((pair) => {
          const at = pair.indexOf(between)
          if (at < 1) throw new StartupError(`--${name}: "${pair}" is not of the form key${between}value`)
          return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
        }),
    )

const known = {
  'eviction-hard': { key: 'evictionHard', read: pairs('<') },
  'eviction-soft': { key: 'evictionSoft', read: pairs('<') },
  'eviction-soft-grace-period': { key: 'evictionSoftGracePeriod', read: pairs('=') },
  'eviction-minimum-reclaim': { key: 'evictionMinimumReclaim', read: pairs('=') },
  'eviction-max-pod-grace-period': { key: 'evictionMaxPodGracePeriod', read: number },
  'eviction-pressure-transition-period': { key: 'evictionPressureTransitionPeriod', read: text },
  'image-gc-high-threshold': { key: 'imageGCHighThresholdPercent', read: number },
  'image-gc-low-threshold': { key: 'imageGCLowThresholdPercent', read: number },
  'minimum-image-ttl-duration': { key: 'imageMinimumGCAge', read: text },
  'container-log-max-size': { key: 'containerLogMaxSize', read: text },
  'container-log-max-files': { key: 'containerLogMaxFiles', read: number },
} satisfies Record<string, ConfigFlag>

type Name = keyof typeof known

export const configFlags = Object.fromEntries(
  Object.entries(known).map(([name, { key }]) => [name, stringFlag(`${key} of the configuration file.`)]),
) as Record<Name, Flag<string>>

/** Keys of the configuration that the flags set; those that were not given are left to the file. Throws StartupError. */
export function configOverrides(flags: Readonly<Record<Name, string>>): Record<string, unknown> {
  const given = (Object.keys(known) as Name[]).filter((name) => flags[name] !== '')
  return Object.fromEntries(given.map((name) => [known[name].key, known[name].read(flags[name], name)]))
}
