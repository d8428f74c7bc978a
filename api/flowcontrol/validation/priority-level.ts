/** Rules of priority levels (upstream: pkg/apis/flowcontrol/validation). */
import type { z } from 'zod'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { mandatoryPriorityLevels } from '#api/flowcontrol/bootstrap.ts'
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '#api/flowcontrol/priority-level-configuration.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { goStruct } from '#api/validation/go-struct.ts'
import { validateFlowConditions } from './flow-schema.ts'

const zeroSharesAnnotation = 'flowcontrol.k8s.io/preserve-zero-concurrency-shares'
const mostQueues = 10_000_000
const mostHashBits = 60

function handFault({ queues = 0, handSize = 0 }: QueuingConfiguration): string | undefined {
  if (handSize <= 0) return 'must be positive'
  if (handSize > queues) return `should not be greater than queues (${queues})`
  // a hand of queues is dealt from the bits of one hash
  if (Math.ceil(Math.log2(queues) * handSize) <= mostHashBits) return undefined
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostHashBits}`
}

function validateQueuing(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing
  const found = queueLengthLimit <= 0 ? [invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : []
  if (queues <= 0) found.push(invalid(`${path}.queues`, queues, 'must be positive'))
  else if (queues > mostQueues) found.push(invalid(`${path}.queues`, queues, `must not be greater than ${mostQueues}`))
  const fault = handFault(queuing)
  return fault === undefined ? found : [...found, invalid(`${path}.handSize`, handSize, fault)]
}

function validateResponse({ type, queuing }: LimitResponse, path: string): FieldError[] {
  const field = `${path}.queuing`
  if (type === 'Reject') return queuing ? [forbidden(field, 'must be nil if limited.limitResponse.type is not Limited')] : []
  if (type !== 'Queue') return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])]
  return queuing ? validateQueuing(queuing, field) : [required(field, 'must not be empty if limited.limitResponse.type is Limited')]
}

const validatePercent = (field: string, value: number | undefined): FieldError[] =>
  value === undefined || (value >= 0 && value <= 100) ? [] : [invalid(field, value, 'must be between 0 and 100, inclusive')]

const validateShares = (field: string, value: number | undefined | null): FieldError[] =>
  (value ?? 0) < 0 ? [invalid(field, value, 'must be a non-negative integer')] : []

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const { nominalConcurrencyShares: shares, limitResponse, lendablePercent, borrowingLimitPercent: limit } = limited
  const found = [
    ...validateShares(`${path}.nominalConcurrencyShares`, shares),
    ...validateResponse(limitResponse ?? { type: '' }, `${path}.limitResponse`),
    ...validatePercent(`${path}.lendablePercent`, lendablePercent),
  ]
  if (limit === undefined || limit >= 0) return found
  return [...found, invalid(`${path}.borrowingLimitPercent`, limit, 'if specified, must be a non-negative integer')]
}

const validateExempt = (exempt: ExemptPriorityLevelConfiguration, path: string): FieldError[] => [
  ...validateShares(`${path}.nominalConcurrencyShares`, exempt.nominalConcurrencyShares),
  ...validatePercent(`${path}.lendablePercent`, exempt.lendablePercent),
]

function validateSpec({ type, limited, exempt }: PriorityLevelConfigurationSpec, name: string): FieldError[] {
  const found: FieldError[] = []
  if ((name === 'exempt') !== (type === 'Exempt')) {
    found.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  if (type === 'Exempt') {
    if (limited) found.push(forbidden('spec.limited', 'must be nil if the type is not Limited'))
    return exempt ? [...found, ...validateExempt(exempt, 'spec.exempt')] : found
  }
  if (type !== 'Limited') return [...found, notSupported('spec.type', type, ['Exempt', 'Limited'])]
  if (exempt) found.push(forbidden('spec.exempt', 'must be nil if the type is Limited'))
  if (!limited) return [...found, required('spec.limited', 'must not be empty when type is Limited')]
  return [...found, ...validateLimited(limited, 'spec.limited')]
}

function validateFixed(spec: PriorityLevelConfigurationSpec, name: string, schema: SpecSchema): FieldError[] {
  const fixed = mandatoryPriorityLevels.get(name)
  if (!fixed) return []
  const free = name === 'exempt'
  if (sameValue(free ? { ...spec, exempt: undefined } : spec, free ? { ...fixed, exempt: undefined } : fixed)) return []
  const why = `spec of '${name}'${free ? " except the 'spec.exempt' field" : ''} must equal the fixed value`
  return [invalid('spec', goStruct(schema, spec), why)]
}

type SpecSchema = z.ZodType<PriorityLevelConfigurationSpec>

/** `schema` is that of the spec. */
export function validatePriorityLevel(
  next: PriorityLevelConfiguration,
  prev: PriorityLevelConfiguration | undefined,
  schema: SpecSchema,
): FieldError[] {
  const { metadata, spec, status } = next
  const name = metadata.name ?? ''
  const found = validateMetaAgain(metadata, prev !== undefined, { namespaced: false })
  if (metadata.annotations?.[zeroSharesAnnotation] !== undefined) {
    found.push(forbidden('metadata.annotations', `annotation '${zeroSharesAnnotation}' is forbidden`))
  }
  return [...found, ...validateSpec(spec, name), ...validateFixed(spec, name, schema), ...validateFlowConditions(status.conditions ?? [])]
}

export const validatePriorityLevelStatus = ({ status }: PriorityLevelConfiguration): FieldError[] =>
  validateFlowConditions(status.conditions ?? [])
