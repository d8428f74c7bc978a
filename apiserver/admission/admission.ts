/** What stands between a decoded object and its commit: plug-ins that may change it (mutate) and then refuse it (validate). */
import type { DeleteOptions } from '#api/meta/options.ts'
import { type ApiError, forbiddenError } from '#api/meta/status.ts'
import { groupResourceOf, type KubeObject, type Resource } from '#api/resource.ts'
import type { User } from '#apiserver/authentication/user.ts'
import { segmentProblems } from '#apiserver/storage/keys.ts'

export type Operation = 'create' | 'update' | 'delete' | 'connect'

export interface AdmissionRequest {
  operation: Operation
  resource: Resource
  subresource: string
  namespace: string
  /** Empty on create with generateName. */
  name: string
  user: User
  dryRun: boolean
  /** The new object; plug-ins change it in place while mutating. Undefined on delete. A subresource's own object (Binding, TokenRequest…) for those. */
  object?: KubeObject
  old?: KubeObject
  deleteOptions?: DeleteOptions
  now: Date
  /** Adds a Warning header. */
  warn(text: string): void
}

export interface AdmissionPlugin {
  /** Upstream's name, as --enable-admission-plugins knows it. */
  name: string
  /** The only group resources that it looks at, such as `pods`; all where it does not say. */
  kinds?: readonly string[]
  mutate?(request: AdmissionRequest): Promise<void> | void
  /** Throws ApiError. */
  validate?(request: AdmissionRequest): Promise<void> | void
}

type Step = (request: AdmissionRequest) => Promise<void> | void

/** Of one kind: most plug-ins have nothing to do with it. */
interface Steps {
  mutations: readonly Step[]
  validations: readonly Step[]
}

export class Admission {
  readonly plugins: readonly AdmissionPlugin[]
  readonly #steps = new WeakMap<Resource, Steps>()

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins
  }

  mutate(request: AdmissionRequest): Promise<void> {
    return inTurn(this.#stepsOf(request.resource).mutations, request)
  }

  validate(request: AdmissionRequest): Promise<void> {
    return inTurn(this.#stepsOf(request.resource).validations, request)
  }

  #stepsOf(resource: Resource): Steps {
    const known = this.#steps.get(resource)
    if (known !== undefined) return known
    const name = groupResourceOf(resource)
    const concerned = this.plugins.filter(({ kinds }) => kinds === undefined || kinds.includes(name))
    const steps = {
      mutations: concerned.flatMap((plugin) => (plugin.mutate ? [plugin.mutate.bind(plugin)] : [])),
      validations: concerned.flatMap((plugin) => (plugin.validate ? [plugin.validate.bind(plugin)] : [])),
    }
    this.#steps.set(resource, steps)
    return steps
  }
}

/** What a plug-in does with something that is most often there at once: then nobody waits. */
export function whenKnown<T>(value: T | Promise<T>, then: (value: T) => void): Promise<void> | void {
  if (value instanceof Promise) return value.then(then)
  then(value)
}

/** Waits only for those that have something to wait for: most plug-ins have nothing to do with most requests. */
async function inTurn(steps: readonly Step[], request: AdmissionRequest): Promise<void> {
  for (let i = 0; i < steps.length; i++) {
    const done = (steps[i] as Step)(request)
    if (done !== undefined) await done
  }
}

/** 403 in upstream's words: `pods "x" is forbidden: why`. */
export function refuse(request: AdmissionRequest, why: string): ApiError {
  return forbiddenError(request.resource, nameOf(request), why)
}

/** What upstream's clients say of a name that no object can have; undefined where it could be one. */
export function badName(name: string): string | undefined {
  if (name === '') return 'resource name may not be empty'
  const problems = segmentProblems(name)
  return problems.length === 0 ? undefined : `invalid resource name ${JSON.stringify(name)}: [${problems.join(' ')}]`
}

export const isResource = (request: AdmissionRequest, group: string, plural: string): boolean =>
  request.resource.group === group && request.resource.plural === plural

/** Admission comes before a generated name does: the message then shows what the name will begin with. */
function nameOf({ name, object }: AdmissionRequest): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
}
