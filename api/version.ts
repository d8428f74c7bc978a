/** Which Kubernetes this is. All programs speak of one version; what is behind the plus sign is the project's own. */

/** The API that is served, in upstream's form: clients compare it. */
export const kubernetesVersion = 'v1.35.4'

export const projectVersion = '0.1.0'

/** As `/version`, `--version` and a node's kubeletVersion tell it. */
export const gitVersion = `${kubernetesVersion}+typernetes.${projectVersion}`
