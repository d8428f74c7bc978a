export const defaultPort: number
export const maxNodes: number
