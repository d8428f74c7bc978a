/** All plug-ins in the order in which a node meets them; the first that refuses it gives the reason. */
import type { Plugin } from '#scheduler/plugin.ts'
import { balancedAllocation } from './balanced-allocation.ts'
import { imageLocality } from './image-locality.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { replicaSpread } from './replica-spread.ts'
import { taintToleration } from './taint-toleration.ts'
import { unjudged } from './unjudged.ts'

export const plugins: readonly Plugin[] = [
  unjudged,
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  balancedAllocation,
  replicaSpread,
  imageLocality,
]
