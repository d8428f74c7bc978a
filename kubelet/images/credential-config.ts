/** The CredentialProviderConfig: which programs are asked for registry credentials, and for which images. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import * as z from 'zod'
import { StartupError } from '#component/daemon.ts'
import { parseDuration } from '#component/flags.ts'
import { checkedBy, parseGiven } from '#component/given-files.ts'

export const responseVersions = ['v1', 'v1alpha1', 'v1beta1'].map((version) => `credentialprovider.kubelet.k8s.io/${version}`)
const configVersions = ['v1', 'v1alpha1', 'v1beta1'].map((version) => `kubelet.config.k8s.io/${version}`)

const duration = z.string({ error: 'Required value' }).transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

const provider = z.strictObject({
  name: z
    .string()
    .min(1, 'Required value')
    .refine((name) => !/[/ ]/.test(name), "provider name cannot contain '/' or spaces")
    .refine((name) => name !== '.' && name !== '..', "provider name cannot be '.' or '..'"),
  matchImages: z.array(z.string().min(1)).min(1, 'at least 1 item in matchImages is required'),
  defaultCacheDuration: duration.refine((ms) => ms >= 0, 'must be greater than or equal to 0'),
  apiVersion: z.string().refine((version) => responseVersions.includes(version), `supported values: ${responseVersions.join(', ')}`),
  args: z.array(z.string()).default([]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  // A token of the pod's account would have to be made for each pull.
  tokenAttributes: z.undefined({ error: 'service account tokens for credential providers are not supported yet' }).optional(),
})

const schema = z.strictObject({
  apiVersion: z.string().refine((version) => configVersions.includes(version), `supported values: ${configVersions.join(', ')}`),
  kind: z.literal('CredentialProviderConfig'),
  providers: z.array(provider).min(1, 'at least 1 item in plugins is required'),
})

export type CredentialProvider = z.output<typeof provider>

/** Of a file, or of all `.json`, `.yaml` and `.yml` files of a folder. Throws StartupError with one line that names the key. */
export function readCredentialConfig(path: string): CredentialProvider[] {
  const files = filesOf(path)
  if (files.length === 0) throw new StartupError(`no configuration files found in directory "${path}"`)
  const providers = files.flatMap((file) => parseCredentialConfig(readFileSync(file, 'utf8'), file))
  const names = providers.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new StartupError(`duplicate provider name "${twice}" found in configuration file(s)`)
  return providers
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new StartupError(`--image-credential-provider-config: unable to access path "${path}"`)
  if (!found.isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && ['.json', '.yaml', '.yml'].includes(extname(entry.name)))
    .map(({ name }) => join(path, name))
    .sort()
}

export function parseCredentialConfig(text: string, file: string): CredentialProvider[] {
  return checkedBy(schema, parseGiven(text, file), file).providers
}
