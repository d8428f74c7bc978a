import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Image } from '#kubelet/runtime/runtime.ts'
import { notEnoughText, noteImages, oldImages, ripeImages, sizeText, toFree, unusedImages } from './plan-images.ts'

const image = (id: string, more: Partial<Image> = {}): Image => ({ id, repoTags: [id], repoDigests: [], sizeBytes: 1, user: '', ...more })
const at = (minutes: number): Date => new Date(minutes * 60_000)
const names = (images: readonly Image[]): string => images.map(({ id }) => id).join(' ')
const none: ReadonlySet<string> = new Set()

test('the longest unused goes first; what is used or pinned never', () => {
  const images = [image('recent'), image('never'), image('used'), image('pause', { pinned: true }), image('long-ago')]
  let records = noteImages(new Map(), images, new Set(['long-ago']), at(1))
  records = noteImages(records, images, new Set(['recent', 'used']), at(5))
  assert.equal(names(unusedImages(records, images, new Set(['used']))), 'never long-ago recent')
  assert.deepEqual([...noteImages(records, [image('used')], none, at(6)).keys()], ['used'], 'what is gone is forgotten')
})

test('of two that nobody ever used the older goes first', () => {
  let records = noteImages(new Map(), [image('old')], none, at(1))
  records = noteImages(records, [image('new'), image('old')], none, at(2))
  assert.equal(names(unusedImages(records, [image('new'), image('old')], none)), 'old new')
})

test('too young to go, too old to stay', () => {
  const images = [image('old'), image('young')]
  let records = noteImages(new Map(), [image('old')], new Set(['old']), at(0))
  records = noteImages(records, images, new Set(['young']), at(9))
  assert.equal(names(ripeImages(images, records, 120_000, at(10))), 'old')
  const times = (minutes: number) => ({ beganAt: at(0), now: at(minutes) })
  assert.equal(names(oldImages(images, records, 5 * 60_000, times(10))), 'old')
  assert.equal(names(oldImages(images, records, 0, times(10))), '')
  assert.equal(names(oldImages(images, records, 11 * 60_000, times(10))), '', 'nothing is known of the time before')
})

const policy = { highPercent: 85, lowPercent: 80, minAgeMs: 0, maxAgeMs: 0 }
for (const [availableBytes, expected] of [
  [160, undefined],
  [150, { usedPercent: 85, bytes: 50 }],
  [0, { usedPercent: 100, bytes: 200 }],
  [5000, undefined],
] as const)
  test(`${availableBytes} of 1000 bytes left`, () =>
    assert.deepEqual(toFree({ capacityBytes: 1000, availableBytes, usedBytes: 0, inodes: 0, inodesFree: 0 }, policy), expected))

test('the words', () => {
  assert.equal(
    notEnoughText(97, 10 * 1024 ** 3, 4096),
    "Insufficient free disk space on the node's image filesystem (97% of 10.0 GiB used). Failed to free sufficient space by deleting unused images (freed 4096 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.",
  )
  assert.deepEqual([512, 2048, 1.5 * 1024 ** 2, 3 * 1024 ** 5].map(sizeText), ['512 B', '2.0 KiB', '1.5 MiB', '3072.0 TiB'])
})
