/** The AppArmor profiles that the kernel has loaded. */
import { existsSync, readFileSync } from 'node:fs'
import { RuntimeError } from '#kubelet/runtime/runtime.ts'

const loadedProfiles = '/sys/kernel/security/apparmor/profiles'

/** Throws RuntimeError for a profile that is not loaded: runc would find that out when the container starts. Where nobody tells, it is left to runc. */
export function checkApparmor(profile: string, file = loadedProfiles): void {
  if (!existsSync(file)) return
  if (!hasProfile(readFileSync(file, 'utf8'), profile)) throw new RuntimeError('other', `apparmor profile not found ${profile}`)
}

/** A line is a name, which may have blanks, and a mode in parentheses. Pure. */
export const hasProfile = (text: string, profile: string): boolean =>
  text.split('\n').some((line) => /^(.+) \(\w+\)$/.exec(line)?.[1] === profile)
