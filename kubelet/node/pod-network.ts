/** Writes the CNI configuration of this node once its podCIDR is known, unless the user has brought a network of their own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '#component/logging.ts'
import { bridgeNetwork } from '#kubelet/runtime/cni-config.ts'

const ownFile = '10-typernetes.conflist'

/** True when the file was written or changed. */
export function ensurePodNetwork(confDir: string, podCidr: string, log: Logger): boolean {
  const path = join(confDir, ownFile)
  const names = existsSync(confDir) ? readdirSync(confDir).filter((name) => /\.(conflist|conf|json)$/.test(name)) : []
  if (names.some((name) => name !== ownFile)) return false
  const text = bridgeNetwork({ podCidr })
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false
  mkdirSync(confDir, { recursive: true })
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
  log.info({ path, podCIDR: podCidr }, 'wrote the network configuration for pods')
  return true
}
