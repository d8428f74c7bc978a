/** --runtime-config: which group versions and resources are served (upstream: apiserver/pkg/server/resourceconfig; pure). */
import { apiVersionOf, type Resource } from '#api/resource.ts'
import type { FeatureGates } from './feature-gates.ts'

type Settings = ReadonlyMap<string, string>

const classes: readonly (readonly [key: string, matches: RegExp])[] = [
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
]
const stable = /^v\d+$/

/** Versions that upstream knows and this server does not have: they can be switched off only. */
const absentVersions = new Set([
  'admissionregistration.k8s.io/v1alpha1',
  'authentication.k8s.io/v1alpha1',
  'authentication.k8s.io/v1beta1',
  'certificates.k8s.io/v1alpha1',
  'coordination.k8s.io/v1alpha2',
  'flowcontrol.apiserver.k8s.io/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3',
  'internal.apiserver.k8s.io/v1alpha1',
  'resource.k8s.io/v1alpha3',
  'storage.k8s.io/v1alpha1',
])

/** Resources that also need a feature gate. */
const gateOf: ReadonlyMap<string, string> = new Map([
  ['certificates.k8s.io/clustertrustbundles', 'ClusterTrustBundle'],
  ['certificates.k8s.io/podcertificaterequests', 'PodCertificateRequest'],
  ['scheduling.k8s.io/workloads', 'GenericWorkload'],
  ['storagemigration.k8s.io/storageversionmigrations', 'StorageVersionMigrator'],
])

/** Gates by which kinds are served. */
export const servingGates: ReadonlySet<string> = new Set(gateOf.values())

/** A switch of one group version, or of one resource of it. */
interface Preference {
  groupVersion: string
  resource: string | undefined
  isOn: boolean
}

/**
 * The kinds to serve. `all` are all that this server has, optional ones included; `others` are group versions without kinds of their own
 * (reviews). Throws an Error in upstream's words, and one of our own where a version is asked for that is not there.
 */
export function enabledKinds(all: readonly Resource[], others: readonly string[], settings: Settings, gates: FeatureGates): Resource[] {
  const present = new Set([...all.map(apiVersionOf), ...others])
  const preferences = preferencesOf(settings, new Set([...present, ...absentVersions]))
  const absent = preferences.find(({ groupVersion, isOn }) => isOn && !present.has(groupVersion))
  if (absent) throw new Error(`group version ${absent.groupVersion} cannot be enabled: this server does not have it`)
  const byClass = classesOf(settings)
  return all.filter((resource) => {
    const groupVersion = apiVersionOf(resource)
    const gate = gateOf.get(`${resource.group}/${resource.plural}`)
    if (gate !== undefined && !gates.isEnabled(gate)) return false
    const own = preferences.find((one) => one.groupVersion === groupVersion && one.resource === resource.plural)
    const version = preferences.find((one) => one.groupVersion === groupVersion && one.resource === undefined)
    return own?.isOn ?? version?.isOn ?? byClass(resource.version) ?? stable.test(resource.version)
  })
}

/** What api/all, api/ga, api/beta and api/alpha say of a version, the narrower ones last. */
function classesOf(settings: Settings): (version: string) => boolean | undefined {
  if (settings.size === 1 && settings.get('api/all') === 'false') throw new Error('invalid key with only api/all=false')
  const said = classes.flatMap(([key, matches]) => {
    const value = settings.get(key)
    if (value === undefined) return []
    if (value !== 'true' && value !== 'false') throw new Error(`invalid value ${key}=${value}`)
    return [{ matches, isOn: value === 'true' }]
  })
  return (version) => said.findLast(({ matches }) => matches.test(version))?.isOn
}

function preferencesOf(settings: Settings, known: ReadonlySet<string>): Preference[] {
  const groups = new Set([...known].map(groupOf))
  const found: Preference[] = []
  const unknown: string[] = []
  for (const [key, value] of settings) {
    if (classes.some(([name]) => name === key)) continue
    const [first = '', second = '', resource, ...more] = withCore(key)
    if (second === '' || more.length > 0) throw new Error(`runtime-config invalid key ${key}`)
    const groupVersion = first === '' ? second : `${first}/${second}`
    if (!groups.has(first)) unknown.push(first)
    else if (!known.has(groupVersion)) throw new Error(`group version ${groupVersion} that has not been registered`)
    else found.push({ groupVersion, resource: lowercase(key, resource), isOn: truthOf(key, value) })
  }
  if (unknown.length > 0) throw new Error(`unknown api groups ${unknown.join(',')}`)
  return found
}

const groupOf = (groupVersion: string): string => (groupVersion.includes('/') ? groupVersion.slice(0, groupVersion.indexOf('/')) : '')

/** `/v1` is the core group; `v1` and `api/v1` are other ways to say it. */
const withCore = (key: string): string[] => key.replace(/^(api\/)?v1(?=\/|$)/, '/v1').split('/')

function lowercase(key: string, resource: string | undefined): string | undefined {
  if (resource === undefined || resource === resource.toLowerCase()) return resource
  const why = `group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`
  throw new Error(`invalid key ${key}: ${why}`)
}

function truthOf(key: string, value: string): boolean {
  if (['', '1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false
  throw new Error(`invalid value of ${key}: ${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
}
