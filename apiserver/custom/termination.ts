/** Nothing new is made of a kind whose definition is about to go (upstream: forbidCreateAdmission). */
import { type AdmissionPlugin, refuse } from '#apiserver/admission/admission.ts'
import type { LiveKinds } from './live-kinds.ts'

export const forbidWhileTerminating = (live: LiveKinds): AdmissionPlugin => ({
  name: 'CustomResourceTermination',
  mutate(request) {
    if (request.operation === 'create' && request.subresource === '' && live.isTerminating(request.resource))
      throw refuse(request, 'create not allowed while custom resource definition is terminating')
  },
})
