/** /version: what this server says it is. */

import { gitVersion } from '#api/version.ts'
import { checkJson } from '#apiserver/filters/negotiation.ts'
import type { Answer, ApiRequest } from './exchange.ts'

/** Throws 406. */
export function versionPage(request: ApiRequest): Answer {
  checkJson(request.headers.accept)
  return { status: 200, object: versionInfo() }
}

function versionInfo(): object {
  return {
    major: '1',
    minor: '35',
    emulationMajor: '1',
    emulationMinor: '35',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '34',
    gitVersion,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node-${process.version}`,
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
