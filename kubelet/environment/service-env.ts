/** The variables that announce services to containers: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and Docker's link names. Pure. */
import type { Service } from '#api/core/service.ts'

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_')

/** Of services that have an address of their own. Later services do not overwrite earlier ones: names differ. */
export function serviceVariables(services: readonly Service[]): Map<string, string> {
  const env = new Map<string, string>()
  for (const service of services) {
    const ip = service.spec?.clusterIP
    const ports = service.spec?.ports ?? []
    if (!ip || ip === 'None' || ports.length === 0) continue
    const prefix = variableName(service.metadata.name ?? '')
    env.set(`${prefix}_SERVICE_HOST`, ip)
    env.set(`${prefix}_SERVICE_PORT`, String(ports[0]?.port))
    for (const port of ports) if (port.name) env.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port))
    for (const [i, port] of ports.entries()) {
      const protocol = port.protocol ?? 'TCP'
      const url = `${protocol.toLowerCase()}://${ip.includes(':') ? `[${ip}]` : ip}:${port.port}`
      const link = `${prefix}_PORT_${port.port}_${protocol}`
      if (i === 0) env.set(`${prefix}_PORT`, url)
      env.set(link, url)
      env.set(`${link}_PROTO`, protocol.toLowerCase())
      env.set(`${link}_PORT`, String(port.port))
      env.set(`${link}_ADDR`, ip)
    }
  }
  return env
}

/** The services that a pod hears of: `kubernetes` always, those of its namespace where service links are on. */
export function servicesFor(namespace: string, enableServiceLinks: boolean, services: readonly Service[]): Service[] {
  const seen = new Map<string, Service>()
  for (const service of services) {
    const name = service.metadata.name ?? ''
    const own = service.metadata.namespace === namespace
    const master = service.metadata.namespace === 'default' && name === 'kubernetes'
    if (own && enableServiceLinks) seen.set(name, service)
    else if (master && !seen.has(name)) seen.set(name, service)
  }
  return [...seen.values()]
}
