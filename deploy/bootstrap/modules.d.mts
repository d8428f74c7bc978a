/** Types of modules.mjs, which runs before anything is installed and so is plain JavaScript. */
export function modulesComplete(checkout: string, options: { dev: boolean }): boolean
export function installArguments(checkout: string, options: { dev: boolean }): readonly string[]
export function giveToOwner(checkout: string): void
