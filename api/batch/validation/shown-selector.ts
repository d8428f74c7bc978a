/** A selector as upstream's messages print it: in the JSON of its type, which leaves empty lists out. */
import { canonical } from '#api/canonical.ts'
import { type LabelSelector, labelSelectorSchema } from '#api/meta/label-selector.ts'

export const shownSelector = (selector: LabelSelector): LabelSelector => canonical(selector, labelSelectorSchema)
