/** The text of a kubeconfig with everything inline. Pure. */
export interface KubeconfigInput {
  server: string
  caPem: string
  certificatePem: string
  keyPem: string
  user: string
  cluster?: string
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

export function kubeconfigText({ server, caPem, certificatePem, keyPem, user, cluster = 'kubernetes' }: KubeconfigInput): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${cluster}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(caPem)}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(certificatePem)}
    client-key-data: ${base64(keyPem)}
contexts:
- name: ${user}@${cluster}
  context:
    cluster: ${cluster}
    user: ${user}
current-context: ${user}@${cluster}
`
}
