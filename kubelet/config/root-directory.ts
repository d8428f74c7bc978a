/** The folder in which the kubelet keeps volumes and the state of pods: made, and known to be of use before anything is started. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { StartupError } from '#component/daemon.ts'

/** Throws StartupError. */
export function makeRootDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 })
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new StartupError(`--root-dir ${path} cannot be used: ${(error as Error).message}`)
  }
}
