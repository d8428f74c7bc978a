/** All commands. */
import type { Command } from '#kubectl/command.ts'
import { get } from './get.ts'

export const commands: readonly Command[] = [get]
