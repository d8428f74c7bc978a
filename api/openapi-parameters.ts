/** The query parameters of the API, as OpenAPI names them. */
import type { Schema } from './openapi-schemas.ts'

type ParameterType = 'string' | 'integer' | 'boolean'

const texts: Readonly<Record<string, readonly [ParameterType, string]>> = {
  allowWatchBookmarks: ['boolean', 'Watch: send BOOKMARK events now and then, which carry only a resourceVersion.'],
  command: ['string', 'The command and its arguments, one parameter each; not run in a shell.'],
  container: ['string', 'The container; may be left out where the pod has only one.'],
  continue: ['string', 'List: the token that the last page came with.'],
  dryRun: ['string', 'All: everything is checked and nothing stored.'],
  fieldManager: ['string', 'Who makes the change, at most 128 printable characters.'],
  fieldSelector: ['string', 'Only objects whose fields have these values.'],
  fieldValidation: ['string', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.'],
  follow: ['boolean', 'Go on as the log grows.'],
  force: ['boolean', 'Apply only: take over fields that others own.'],
  gracePeriodSeconds: ['integer', 'Seconds until the object goes; 0 deletes at once.'],
  ignoreStoreReadErrorWithClusterBreakingPotential: ['boolean', 'Delete objects whose stored form can not be read.'],
  insecureSkipTLSVerifyBackend: ['boolean', 'Do not check the certificate of the kubelet that has the log.'],
  labelSelector: ['string', 'Only objects with these labels.'],
  limit: ['integer', 'List: at most so many objects at once; the answer says how to go on.'],
  limitBytes: ['integer', 'At most so many bytes of log.'],
  name: ['string', 'Name of the object.'],
  namespace: ['string', 'Namespace of the object.'],
  orphanDependents: ['boolean', 'Deprecated by propagationPolicy.'],
  path: ['string', 'The path to ask for.'],
  ports: ['integer', 'The ports to forward.'],
  pretty: ['string', 'true: the answer is indented.'],
  previous: ['boolean', 'The log of the container before its last restart.'],
  propagationPolicy: ['string', 'What becomes of dependents: Orphan, Background or Foreground.'],
  resourceVersion: ['string', 'How new the answer must be.'],
  resourceVersionMatch: ['string', 'How resourceVersion is meant: Exact or NotOlderThan.'],
  sendInitialEvents: ['boolean', 'Watch: begin with the objects that there are.'],
  sinceSeconds: ['integer', 'Only so many seconds back.'],
  stderr: ['boolean', 'Send standard error.'],
  stdin: ['boolean', 'Take standard input.'],
  stdout: ['boolean', 'Send standard output.'],
  stream: ['string', 'All, Stdout or Stderr.'],
  tailLines: ['integer', 'Only the last lines.'],
  timeoutSeconds: ['integer', 'The call ends after so many seconds.'],
  timestamps: ['boolean', 'Begin each line with its time.'],
  tty: ['boolean', 'The container has a terminal.'],
  watch: ['boolean', 'Answer changes as they come instead of a list.'],
}

/** A query parameter, or a path one for `name`, `namespace` and `path` (where `inPath`). */
export function parameter(name: string, inPath = false): Schema {
  const [type, description] = texts[name] ?? ['string', name]
  return {
    name,
    in: inPath ? 'path' : 'query',
    description,
    ...(inPath ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  }
}

const query = (...names: string[]): Schema[] => names.map((name) => parameter(name))

export const writeParameters = query('dryRun', 'fieldManager', 'fieldValidation')
export const patchParameters = query('dryRun', 'fieldManager', 'fieldValidation', 'force')
export const deleteParameters = query(
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
)
const selection = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
]
export const listParameters = query('allowWatchBookmarks', ...selection, 'watch')
export const deleteCollectionParameters = [...query(...selection), ...deleteParameters].sort((a, b) =>
  String(a['name']) < String(b['name']) ? -1 : 1,
)
