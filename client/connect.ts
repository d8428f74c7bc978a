/**
 * How a daemon comes to its API server. What is thrown here is a KubeconfigError with a sentence for the user; what time may mend, such as a server that
 * is away, is none.
 */
import { inClusterConfig, loadKubeconfig, type RestConfig } from './kubeconfig.ts'
import { KubeconfigError } from './kubeconfig-file.ts'
import { Client } from './rest.ts'
import { ConnectionError } from './transport.ts'

/** TLS failures of Node and OpenSSL that say that the two sides do not trust each other. */
const distrust = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/

const lookMs = 5000

const untimely = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/

export interface Access {
  /** A file; empty for the service account of the pod that the daemon runs in. */
  kubeconfig: string
  userAgent: string
  /** In place of the server that the kubeconfig names. */
  server?: string
}

export interface Opened {
  client: Client
  rest: RestConfig
}

/** Asks the server nothing. */
export function openClient({ kubeconfig, userAgent, server }: Access): Opened {
  try {
    const found = kubeconfig === '' ? inClusterConfig() : loadKubeconfig(kubeconfig)
    const rest = { ...found, ...(server ? { server } : {}), userAgent }
    return { client: new Client(rest), rest }
  } catch (cause) {
    throw new KubeconfigError(`cannot use kubeconfig${kubeconfig && ` ${kubeconfig}`}: ${(cause as Error).message}`, { cause })
  }
}

/** Has one look at the server, too: it may be there and refuse these credentials for ever. */
export async function connect(access: Access): Promise<Opened> {
  const opened = openClient(access)
  const never = await whyNever(opened.client)
  if (never !== undefined) throw new KubeconfigError(never)
  return opened
}

/**
 * A sentence for the user where the server can be reached and will never do with these credentials; undefined where all is well or where
 * the server is merely away.
 */
async function whyNever(client: Client): Promise<string | undefined> {
  try {
    const { status } = await client.raw('GET', '/version', { timeoutMs: lookMs })
    if (status === 401)
      return 'the server does not accept the credentials (401 Unauthorized): see the user entry of the kubeconfig, and whether its certificate has expired'
    return undefined
  } catch (error) {
    if (!(error instanceof ConnectionError) || !distrust.test(error.code)) return undefined
    if (untimely.test(error.code))
      return `${error.message} (${error.code}): the server's certificate is of another time than this machine's clock, which says ${new Date().toISOString()}`
    return `${error.message} (${error.code}): see certificate-authority, client-certificate and server of the kubeconfig`
  }
}
