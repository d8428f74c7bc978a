/** What the user is told of volumes that could not be put in place: the texts of FailedMount events, upstream's. Pure. */
import { UnprocessedError } from './claims.ts'
import { VolumeError } from './volume.ts'

/** A volume that could not be put in place. */
export class MountError extends Error {
  constructor(volume: string, cause: unknown) {
    const step = cause instanceof VolumeError ? cause.step : 'MountVolume.SetUp'
    super(`${step} failed for volume "${volume}" : ${causeText(cause as Error)}`)
    this.name = 'MountError'
  }
}

/** What the kernel refused is told as Go does: what, where, why. */
function causeText({ message }: Error): string {
  const [, why, what, where] = /^E[A-Z0-9]+: (.+), (\w+) '(.+)'$/.exec(message) ?? []
  return why === undefined ? message : `${what} ${where}: ${why}`
}

/** All that is wrong with a pod's volumes, an event each. */
export class MountFailure extends Error {
  readonly messages: readonly string[]
  /** When to look again, where that is not a matter of back-off: a claim may be bound at any time. */
  readonly retryAfterMs: number | undefined
  constructor(messages: readonly string[], retryAfterMs?: number) {
    super(messages.join('; '))
    this.name = 'MountFailure'
    this.messages = messages
    this.retryAfterMs = retryAfterMs
  }
}

const claimRetryMs = 5000

/** `failures` by the name that the pod gives to the volume. */
export function mountFailure(failures: ReadonlyMap<string, Error>): MountFailure {
  const unprocessed = [...failures].filter(([, error]) => error instanceof UnprocessedError)
  const messages = [...failures.values()].filter((error) => !(error instanceof UnprocessedError)).map((error) => error.message)
  if (unprocessed.length === 0) return new MountFailure(messages)
  const names = (list: Iterable<string>): string => `[${[...list].sort().join(' ')}]`
  const failed = unprocessed.map(([name]) => name)
  const why = unprocessed.map(([, error]) => error.message).join('; ')
  const message = `Unable to attach or mount volumes: unmounted volumes=${names(failures.keys())}, unattached volumes=[], failed to process volumes=${names(failed)}: ${why}`
  return new MountFailure([message, ...messages], claimRetryMs)
}
