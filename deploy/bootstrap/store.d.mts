export function wantsOwnEtcd(argv: readonly string[], at: { folder: string; checkout: string }): boolean
