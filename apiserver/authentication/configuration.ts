/** The file of --authentication-config: for which paths requests without credentials pass (pure). Authenticators of foreign tokens are not there. */
import { z } from 'zod'

const schema = z.strictObject({
  apiVersion: z.enum(['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1']),
  kind: z.literal('AuthenticationConfiguration'),
  jwt: z.array(z.unknown()).max(0, 'authenticators of foreign tokens are not supported by this server').optional(),
  anonymous: z
    .strictObject({ enabled: z.boolean(), conditions: z.array(z.strictObject({ path: z.string() })).optional() })
    .refine(({ enabled, conditions }) => enabled || !conditions?.length, {
      path: ['conditions'],
      message: 'enabled should be set to true when conditions are defined',
    })
    .optional(),
})

/** Undefined where the file says nothing of it. Throws with what is wrong in the file. */
export function anonymousOf(file: unknown): boolean | ((path: string) => boolean) | undefined {
  const parsed = schema.safeParse(file)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  }
  const { anonymous } = parsed.data
  if (!anonymous?.enabled || !anonymous.conditions?.length) return anonymous?.enabled
  const paths = new Set(anonymous.conditions.map(({ path }) => path))
  return (path) => paths.has(path)
}
