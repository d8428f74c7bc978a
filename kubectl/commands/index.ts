/** All commands. */
import type { Command } from '#kubectl/command.ts'
import { apiResources, apiVersions } from './api-resources.ts'
import { apply } from './apply.ts'
import { configView, currentContext, getContexts, useContext } from './config.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { describe } from './describe.ts'
import { attach, exec } from './exec.ts'
import { explain } from './explain.ts'
import { get } from './get.ts'
import { logs } from './logs.ts'
import { portForward } from './port-forward.ts'
import { history, pause, restart, resume, status, undo } from './rollout.ts'
import { scale } from './scale.ts'
import { clusterInfo, version } from './version.ts'
import { wait } from './wait.ts'

export const commands: readonly Command[] = [
  get,
  apply,
  create,
  describe,
  remove,
  logs,
  exec,
  attach,
  portForward,
  scale,
  status,
  history,
  undo,
  pause,
  resume,
  restart,
  wait,
  explain,
  apiResources,
  apiVersions,
  version,
  clusterInfo,
  configView,
  currentContext,
  getContexts,
  useContext,
]
