import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '#api/canonical.ts'
import { decodeValue } from '#api/decode.ts'
import { applyDefaults } from '#api/defaulting.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { CronJobs } from './cron-job.ts'
import { type Job, Jobs } from './job.ts'

const template = { metadata: { labels: { app: 'a' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'app:1' }] } }
const object = (spec: object): Record<string, unknown> => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'report', namespace: 'shop' },
  spec: { template, ...spec },
})
interface Answer<T> {
  object: T
  causes: readonly FieldError[]
  warnings: readonly string[]
}

function create<T extends KubeObject>(resource: Resource<T>, given: Record<string, unknown>): Answer<T> {
  const filled = applyDefaults(decodeValue<T>(given, resource).object, resource.schema)
  const next = canonical(resource.defaults?.(filled) ?? filled, resource.schema)
  Object.assign(next.metadata, { uid: 'uid' })
  const made = resource.prepare?.(next, undefined) ?? next
  return { object: made, causes: resource.validate?.(made, undefined) ?? [], warnings: resource.warnings?.(made, undefined) ?? [] }
}

function made(spec: object = {}): Job {
  const { object: job, causes } = create(Jobs, object(spec))
  assert.deepEqual(causes, [])
  return job
}

const told = (causes: readonly FieldError[]): string[] => causes.map(({ field, message }) => `${field}: ${message}`)
const faults = (spec: object): string[] => told(create(Jobs, object(spec)).causes)

test('a new job has its defaults, its labels and its selector', () => {
  const { spec, metadata, status } = made()
  const { template: pods, ...rest } = spec
  assert.deepEqual(rest, {
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    completions: 1,
    manualSelector: false,
    parallelism: 1,
    podReplacementPolicy: 'TerminatingOrFailed',
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'uid' } },
    suspend: false,
  })
  assert.deepEqual(pods.metadata?.labels, {
    app: 'a',
    'batch.kubernetes.io/controller-uid': 'uid',
    'batch.kubernetes.io/job-name': 'report',
    'controller-uid': 'uid',
    'job-name': 'report',
  })
  assert.deepEqual(metadata.labels, pods.metadata?.labels)
  assert.deepEqual(status, {})
})

test('with parallelism alone any number may complete', () => {
  const { spec } = made({ parallelism: 3 })
  assert.deepEqual([spec.parallelism, spec.completions], [3, undefined])
})

test('what a job cannot be is told field by field', () => {
  assert.deepEqual(faults({ completionMode: 'Indexed', parallelism: 2 }), [
    'spec.completions: Required value: when completion mode is Indexed',
  ])
  assert.deepEqual(faults({ parallelism: -1, backoffLimit: -2, activeDeadlineSeconds: -3 }), [
    'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    'spec.activeDeadlineSeconds: Invalid value: -3: must be greater than or equal to 0',
    'spec.backoffLimit: Invalid value: -2: must be greater than or equal to 0',
  ])
  assert.deepEqual(faults({ template: { ...template, spec: { ...template.spec, restartPolicy: 'Always' } } }), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ])
})

test('a running job keeps its template, a suspended one may be placed elsewhere', () => {
  const causes = (job: Job): string[] => {
    const next = structuredClone(job)
    Object.assign(next.spec.template.spec ?? {}, { nodeSelector: { disk: 'ssd' } })
    return (Jobs.validate?.(next, job) ?? []).map(({ field }) => field)
  }
  assert.deepEqual(causes(made()), ['spec.template'])
  assert.deepEqual(causes(made({ suspend: true })), [])
})

test('a finished job does not start again', () => {
  const job = made()
  const { validate } = Jobs.subresources?.['status'] ?? {}
  const conditions = [
    { type: 'SuccessCriteriaMet', status: 'True' },
    { type: 'Complete', status: 'True' },
  ]
  const times = { startTime: '2024-01-01T00:00:00Z', completionTime: '2024-01-01T00:01:00Z' }
  const finished: Job = { ...job, status: { ...times, succeeded: 1, conditions } }
  assert.deepEqual(validate?.(finished, job, new Date(0)), [])
  assert.deepEqual(told(validate?.({ ...finished, status: { ...times, succeeded: 1 } }, finished, new Date(0)) ?? []), [
    'status.completionTime: Invalid value: "2024-01-01T00:01:00Z": cannot set completionTime when there is no Complete=True condition',
    'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
  ])
})

test('cron jobs: defaults, warnings and faults', () => {
  const cron = (spec: object): Record<string, unknown> => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report', namespace: 'shop' },
    spec: { jobTemplate: { spec: { template } }, ...spec },
  })
  const { object: good } = create(CronJobs, cron({ schedule: '@hourly' }))
  const { jobTemplate: _, ...spec } = good.spec
  assert.deepEqual(spec, {
    concurrencyPolicy: 'Allow',
    failedJobsHistoryLimit: 1,
    schedule: '@hourly',
    successfulJobsHistoryLimit: 3,
    suspend: false,
  })
  const { causes } = create(CronJobs, cron({ schedule: '* *', timeZone: 'Foo/Bar', concurrencyPolicy: 'Never' }))
  assert.deepEqual(told(causes), [
    'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]',
    'spec.timeZone: Invalid value: "Foo/Bar": unknown time zone Foo/Bar',
    'spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"',
  ])
  const wide = create(CronJobs, { ...cron({ schedule: '@daily' }), metadata: { name: 'a.b', namespace: 'shop' } })
  assert.match(wide.warnings[0] ?? '', /^metadata\.name: this is used in Pod names and hostnames/)
})
