/** One look at the server as a daemon starts: tells what time will not mend, such as a wrong CA, from what it may. */
import type { Client } from './rest.ts'
import { ConnectionError } from './transport.ts'

/** TLS failures of Node and OpenSSL that say that the two sides do not trust each other. */
const distrust = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/

const untimely = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/

/**
 * A sentence for the user where the server can be reached and will never do with these credentials; undefined where all is well or where
 * the server is merely away.
 */
export async function whyNever(client: Client, timeoutMs = 5000): Promise<string | undefined> {
  try {
    const { status } = await client.raw('GET', '/version', { timeoutMs })
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
