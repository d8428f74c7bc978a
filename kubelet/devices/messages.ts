/** The messages of the device plug-in API (v1beta1) and of the pod resources API (v1). Pure. */

export const empty = {} as const

export const pluginOptions = { preStartRequired: [1, 'bool'], getPreferredAllocationAvailable: [2, 'bool'] } as const
export const registerRequest = {
  version: [1, 'string'],
  endpoint: [2, 'string'],
  resourceName: [3, 'string'],
  options: [4, { one: pluginOptions }],
} as const

const numaNode = { id: [1, 'int'] } as const
const topology = { nodes: [1, { many: numaNode }] } as const
export const device = { id: [1, 'string'], health: [2, 'string'], topology: [3, { one: topology }] } as const
export const listAndWatchResponse = { devices: [1, { many: device }] } as const

export const preStartRequest = { deviceIds: [1, 'strings'] } as const

const preferredContainer = { available: [1, 'strings'], mustInclude: [2, 'strings'], size: [3, 'int'] } as const
export const preferredRequest = { containers: [1, { many: preferredContainer }] } as const
export const preferredResponse = { containers: [1, { many: { deviceIds: [1, 'strings'] } }] } as const

export const allocateRequest = { containers: [1, { many: { deviceIds: [1, 'strings'] } }] } as const
const mount = { containerPath: [1, 'string'], hostPath: [2, 'string'], readOnly: [3, 'bool'] } as const
const deviceSpec = { containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] } as const
export const containerAllocation = {
  envs: [1, 'map'],
  mounts: [2, { many: mount }],
  devices: [3, { many: deviceSpec }],
  annotations: [4, 'map'],
  cdiDevices: [5, { many: { name: [1, 'string'] } }],
} as const
export const allocateResponse = { containers: [1, { many: containerAllocation }] } as const

const containerDevices = { resourceName: [1, 'string'], deviceIds: [2, 'strings'], topology: [3, { one: topology }] } as const
const containerMemory = { type: [1, 'string'], size: [2, 'int'], topology: [3, { one: topology }] } as const
const containerResources = { name: [1, 'string'], devices: [2, { many: containerDevices }], cpuIds: [3, 'ints'] } as const
const podResources = { name: [1, 'string'], namespace: [2, 'string'], containers: [3, { many: containerResources }] } as const
export const listPodResponse = { pods: [1, { many: podResources }] } as const
export const getPodRequest = { name: [1, 'string'], namespace: [2, 'string'] } as const
export const getPodResponse = { pod: [1, { one: podResources }] } as const
export const allocatableResponse = {
  devices: [1, { many: containerDevices }],
  cpuIds: [2, 'ints'],
  memory: [3, { many: containerMemory }],
} as const
