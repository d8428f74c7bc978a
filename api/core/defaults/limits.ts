/** Dependent defaults of limit ranges and quotas (upstream: pkg/apis/core/v1/defaults.go). */
import type { LimitRange, LimitRangeItem } from '#api/core/limit-range.ts'
import type { ResourceQuota } from '#api/core/resource-quota.ts'
import { roundResourceList } from './resource-list.ts'

/** For containers: the default limit is the maximum, the default request is the default limit, or else the minimum. */
function defaultItem(item: LimitRangeItem): void {
  if (item.type === 'Container') {
    item.default = { ...item.max, ...item.default }
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
  }
  for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) roundResourceList(list)
}

export function defaultLimitRange(range: LimitRange): LimitRange {
  for (const item of range.spec?.limits ?? []) defaultItem(item)
  return range
}

export function defaultResourceQuota(quota: ResourceQuota): ResourceQuota {
  for (const list of [quota.spec?.hard, quota.status?.hard, quota.status?.used]) roundResourceList(list)
  return quota
}
