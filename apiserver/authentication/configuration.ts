/** The file of --authentication-config: for which paths requests without credentials pass (pure). Authenticators of foreign tokens are not there. */
import { isPlain, own, type Plain } from '#api/own.ts'

const versions = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1']

const fault = (path: string, message: string): Error => new Error(`${path || 'the file'}: ${message}`)

/** The members of an object that has no others than `known`. */
function membersOf(value: unknown, path: string, known: readonly string[]): Plain {
  if (!isPlain(value)) throw fault(path, 'must be an object')
  const other = Object.keys(value).find((key) => !known.includes(key))
  if (other !== undefined) throw fault(path, `unknown field ${JSON.stringify(other)}`)
  return value
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw fault(path, 'must be a list')
  return value
}

/** Undefined where the file says nothing of it. Throws with what is wrong in the file. */
export function anonymousOf(file: unknown): boolean | ((path: string) => boolean) | undefined {
  const members = membersOf(file, '', ['apiVersion', 'kind', 'jwt', 'anonymous'])
  if (!versions.includes(String(own(members, 'apiVersion')))) throw fault('apiVersion', `must be one of ${versions.join(', ')}`)
  if (own(members, 'kind') !== 'AuthenticationConfiguration') throw fault('kind', 'must be AuthenticationConfiguration')
  if (listOf(own(members, 'jwt'), 'jwt').length > 0) throw fault('jwt', 'authenticators of foreign tokens are not supported by this server')
  const given = own(members, 'anonymous')
  if (given === undefined) return undefined
  const anonymous = membersOf(given, 'anonymous', ['enabled', 'conditions'])
  const enabled = own(anonymous, 'enabled')
  if (typeof enabled !== 'boolean') throw fault('anonymous.enabled', 'must be true or false')
  const paths = pathsOf(listOf(own(anonymous, 'conditions'), 'anonymous.conditions'))
  if (paths.size === 0) return enabled
  if (!enabled) throw fault('anonymous.conditions', 'enabled should be set to true when conditions are defined')
  return (path) => paths.has(path)
}

function pathsOf(conditions: readonly unknown[]): ReadonlySet<string> {
  return new Set(
    conditions.map((condition, i) => {
      const at = `anonymous.conditions.${i}`
      const path = own(membersOf(condition, at, ['path']), 'path')
      if (typeof path !== 'string') throw fault(`${at}.path`, 'must be a text')
      return path
    }),
  )
}
