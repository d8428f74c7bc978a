/** CEL selectors of devices (upstream: dynamic-resource-allocation/cel). */
import { type FieldError, required, tooLong } from '#api/meta/field-error.ts'
import type { DeviceSelector } from '#api/resource/device-claim.ts'
import { byteLength } from '#api/validation/names.ts'
import { most, validateEach } from './names.ts'

const longestExpression = 10 * 1024

function validateSelector({ cel }: DeviceSelector, at: string): FieldError[] {
  if (!cel) return [required(`${at}.cel`)]
  return byteLength(cel.expression) > longestExpression ? [tooLong(`${at}.cel.expression`, longestExpression)] : []
}

export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): FieldError[] =>
  validateEach(selectors ?? [], field, most.selectors, validateSelector)
