/** Makes the certificates and kubeconfigs of a cluster in its state directory; what is there and still fits is kept. */
import { generateKeyPair, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Layout } from '#deploy/cluster/layout.ts'
import type { Authority, KeyPairPem } from './authority.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { alternativeNames, type LeafPlan, planAuthorities, planLeaves } from './plan.ts'

const authorityDays = 3650
const leafDays = 365
/** A certificate that ends sooner than this is made anew by the next start. */
const renewBeforeMs = 30 * 86_400_000

/** Written beside and renamed, so that a reader or a crash never meets half a file. */
async function write(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, text, { mode })
  await chmod(`${path}.new`, mode)
  await rename(`${path}.new`, path)
}

async function readPair(base: string): Promise<KeyPairPem | undefined> {
  try {
    const [certificate, key] = await Promise.all([readFile(`${base}.crt`, 'utf8'), readFile(`${base}.key`, 'utf8')])
    return { certificate, key }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function writePair(base: string, pair: KeyPairPem): Promise<void> {
  await write(`${base}.key`, pair.key, 0o600)
  await write(`${base}.crt`, pair.certificate, 0o644)
}

function fits(pair: KeyPairPem, plan: LeafPlan, issuerPem: string): boolean {
  const certificate = new X509Certificate(pair.certificate)
  const issuer = new X509Certificate(issuerPem)
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return false
  if (certificate.validToDate.getTime() - Date.now() < renewBeforeMs) return false
  return plan.names.every((name) => certificate.checkHost(name) !== undefined || certificate.checkIP(name) !== undefined)
}

/** Own names and addresses of this machine; link-local ones need a zone and are left out. */
export function machineNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return [hostname(), ...addresses.filter((entry) => !entry.internal && !entry.address.startsWith('fe80')).map((entry) => entry.address)]
}

async function ensureServiceAccountKeys(pki: string): Promise<void> {
  const path = join(pki, 'sa')
  if (existsSync(`${path}.pub`)) return
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  await write(`${path}.key`, privateKey, 0o600)
  await write(`${path}.pub`, publicKey, 0o644)
}

/** Kubeconfigs: who, which certificate, and whether it is used on the host or in a node. */
function kubeconfigs(layout: Layout): readonly { path: string; user: string; file: string; server: string }[] {
  const local = `https://127.0.0.1:${layout.ports.apiserver}`
  const remote = `https://${layout.hostAddress}:${layout.ports.apiserver}`
  return [
    { path: layout.adminConf, user: 'kubernetes-admin', file: 'admin', server: local },
    {
      path: join(layout.state, 'controller-manager.conf'),
      user: 'system:kube-controller-manager',
      file: 'controller-manager',
      server: local,
    },
    { path: join(layout.state, 'scheduler.conf'), user: 'system:kube-scheduler', file: 'scheduler', server: local },
    ...layout.nodes.flatMap((node) => [
      {
        path: join(node.folder, 'kubelet.conf'),
        user: `system:node:${node.name}`,
        file: `nodes/${node.name}/kubelet-client`,
        server: remote,
      },
      { path: join(node.folder, 'kube-proxy.conf'), user: 'system:kube-proxy', file: 'kube-proxy', server: remote },
    ]),
  ]
}

/** Answers how many certificates were made; 0 means that all were there. */
export async function ensureCertificates(layout: Layout): Promise<number> {
  await mkdir(layout.pki, { recursive: true, mode: 0o755 })
  let made = 0
  // The issuing library is loaded only when something has to be issued: a warm start does without it.
  const issuing = () => import('./authority.ts')
  const authorityPairs = new Map<string, KeyPairPem>()
  for (const plan of planAuthorities(layout)) {
    const base = join(layout.pki, plan.file)
    let pair = await readPair(base)
    if (!pair) {
      pair = await (await issuing()).createAuthority(plan.commonName, authorityDays)
      await writePair(base, pair)
      made += 1
    }
    authorityPairs.set(plan.file, pair)
  }
  const signers = new Map<string, Authority>()
  const signer = async (file: string, pair: KeyPairPem): Promise<Authority> => {
    const known = signers.get(file) ?? (await (await issuing()).Authority.load(pair))
    signers.set(file, known)
    return known
  }
  for (const plan of planLeaves(layout, machineNames())) {
    const base = join(layout.pki, plan.file)
    const issuer = authorityPairs.get(plan.authority)
    if (!issuer) throw new Error(`no authority ${plan.authority} for ${plan.file}`)
    const present = await readPair(base)
    if (present && fits(present, plan, issuer.certificate)) continue
    const { names, ...request } = plan
    await writePair(
      base,
      await (await signer(plan.authority, issuer)).issue({ ...request, names: alternativeNames(names), days: leafDays }),
    )
    made += 1
  }
  await ensureServiceAccountKeys(layout.pki)
  await writeKubeconfigs(layout, authorityPairs.get('ca')?.certificate ?? '')
  return made
}

async function writeKubeconfigs(layout: Layout, caPem: string): Promise<void> {
  for (const { path, user, file, server } of kubeconfigs(layout)) {
    const pair = await readPair(join(layout.pki, file))
    if (!pair) throw new Error(`no certificate ${file}`)
    await write(path, kubeconfigText({ server, caPem, certificatePem: pair.certificate, keyPem: pair.key, user }), 0o600)
  }
}
