/** Rules of the scale subresource's body. */
import { checkNonnegative } from '#api/core/validation/values.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import type { Scale } from './scale.ts'

export const validateScale = ({ spec }: Scale): FieldError[] => checkNonnegative('spec.replicas', spec?.replicas)
