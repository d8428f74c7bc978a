/**
 * What stands for a zod schema while programs run. Kinds are written with zod's types, and those are all that is used of it: there are
 * thousands of fields, nobody parses with them, and zod's own objects would be most of the time and memory that a program's start takes.
 */
import type { z } from 'zod'

/** What tree.ts reads; each type has only what belongs to it. */
export interface SchemaDef {
  type: 'scalar' | 'optional' | 'object' | 'array' | 'record' | 'lazy'
  shape?: Readonly<Record<string, z.ZodType>>
  /** Inside of optional, array and record. */
  inner?: z.ZodType
  getter?: () => z.ZodType
}

class SchemaValue {
  readonly def: SchemaDef
  /** The schema that this one is a copy of. */
  readonly original: SchemaValue | undefined

  constructor(def: SchemaDef, original?: SchemaValue) {
    this.def = def
    this.original = original
  }

  /** As zod's: the shape of an object. */
  get shape(): SchemaDef['shape'] {
    return this.def.shape
  }
}

/** A schema of the type that the caller says. */
export const schemaValue = <T>(def: SchemaDef): T => new SchemaValue(def) as unknown as T

/** A schema of its own with the same definition. */
export const copyOf = <T extends z.ZodType>(schema: T): T => {
  const original = schema as unknown as SchemaValue
  return new SchemaValue(original.def, original) as unknown as T
}

export const defOf = (schema: z.ZodType): SchemaDef => (schema as unknown as SchemaValue).def

/** Facts about schemas; a copy has those of its original as long as it has none of its own. */
export class SchemaFacts<M> {
  readonly #facts = new Map<object, M>()

  add(schema: z.ZodType, facts: M): void {
    this.#facts.set(schema, facts)
  }

  has(schema: z.ZodType): boolean {
    return this.#facts.has(schema)
  }

  get(schema: z.ZodType): M | undefined {
    for (let at: SchemaValue | undefined = schema as unknown as SchemaValue; at !== undefined; at = at.original) {
      const facts = this.#facts.get(at)
      if (facts !== undefined) return facts
    }
    return undefined
  }
}
