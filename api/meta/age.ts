/** Ages as tables show them: upstream's HumanDuration (apimachinery, pkg/util/duration) and the columns every kind shares. */
import type { Column, KubeObject } from '#api/resource.ts'

/** Two units at most, coarser the longer it is: `95s`, `5m3s`, `42m`, `5h12m`, `30h`, `3d4h`, `100d`, `2y30d`, `9y`. */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds)
  if (whole < -1) return '<invalid>'
  if (whole < 0) return '0s'
  if (whole < 120) return `${whole}s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 10) return joined(minutes, 'm', whole % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return joined(days, 'd', hours % 24, 'h')
  if (days < 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  if (days < 365 * 8) return joined(years, 'y', days % 365, 'd')
  return `${years}y`
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`
}

/** How long ago `time` (RFC 3339) was; `<unknown>` where it is unset. */
export function since(time: string | undefined, now: Date): string {
  if (time === undefined || time === '') return '<unknown>'
  return humanDuration((now.getTime() - Date.parse(time)) / 1000)
}

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique in its scope.',
  priority: 0,
  cell: (obj) => obj.metadata.name ?? '',
}

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  priority: 0,
  cell: (obj, now) => since(obj.metadata.creationTimestamp, now),
}

/** What kinds without columns of their own show. */
export const createdColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  description: 'Time at which the object was created.',
  priority: 0,
  cell: (obj) => obj.metadata.creationTimestamp ?? '<unknown>',
}

/** A column that says that it holds whole numbers. */
export const countColumn = <T extends KubeObject>(name: string, description: string, cell: (obj: T) => number): Column<T> => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell,
})

/** A column of text or of whole numbers; `priority` 1 shows it in the wide output only. */
export function column<T extends KubeObject>(
  name: string,
  description: string,
  cell: (obj: T, now: Date) => string | number | boolean,
  priority: 0 | 1 = 0,
): Column<T> {
  return { name, type: 'string', description, priority, cell }
}
