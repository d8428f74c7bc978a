/** Table columns of jobs and cron jobs. */
import { selectorText } from '#api/apps/columns.ts'
import { containerImages, containerNames, flagText } from '#api/core/columns/template.ts'
import { ageColumn, column, countColumn, humanDuration, nameColumn, since } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { CronJob } from './cron-job.ts'
import type { Job } from './job.ts'

const isTrue = ({ status }: Job, type: string): boolean => status.conditions?.find((one) => one.type === type)?.status === 'True'

function stateOf(job: Job): string {
  if (isTrue(job, 'Complete')) return 'Complete'
  if (isTrue(job, 'Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => isTrue(job, type)) ?? 'Running'
}

function completions({ spec, status }: Job): string {
  const done = status.succeeded ?? 0
  if (spec.completions !== undefined) return `${done}/${spec.completions}`
  return (spec.parallelism ?? 0) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`
}

function duration({ status }: Job, now: Date): string {
  const { startTime, completionTime } = status
  if (startTime === undefined) return ''
  const end = completionTime === undefined ? now.getTime() : Date.parse(completionTime)
  return humanDuration((end - Date.parse(startTime)) / 1000)
}

export const jobColumns: readonly Column<Job>[] = [
  nameColumn,
  column('Status', 'State of the job.', stateOf),
  column('Completions', 'Pods that succeeded, of how many.', completions),
  column('Duration', 'Time from start to end.', duration),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.selector) || '<none>', 1),
]

export const cronJobColumns: readonly Column<CronJob>[] = [
  nameColumn,
  column('Schedule', 'When to start.', ({ spec }) => spec.schedule),
  column('Timezone', 'Time zone of the schedule.', ({ spec }) => spec.timeZone ?? '<none>'),
  { ...column('Suspend', 'Whether starts wait.', ({ spec }: CronJob) => flagText(spec.suspend)), type: 'boolean' },
  countColumn('Active', 'Jobs that run now.', ({ status }) => status.active?.length ?? 0),
  column('Last Schedule', 'Time since the last start.', ({ status }, now) =>
    status.lastScheduleTime === undefined ? '<none>' : since(status.lastScheduleTime, now),
  ),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.jobTemplate.spec?.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.jobTemplate.spec?.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.jobTemplate.spec?.selector) || '<none>', 1),
]
