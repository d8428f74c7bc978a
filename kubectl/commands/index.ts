/** All commands. */
import type { Command } from '#kubectl/command.ts'
import { apiResources, apiVersions } from './api-resources.ts'
import { apply } from './apply.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { get } from './get.ts'
import { scale } from './scale.ts'
import { clusterInfo, version } from './version.ts'
import { wait } from './wait.ts'

export const commands: readonly Command[] = [get, apply, create, remove, scale, wait, apiResources, apiVersions, version, clusterInfo]
