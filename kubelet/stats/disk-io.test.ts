import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbersOf, parseDiskstats } from './disk-io.ts'

const diskstats = [
  '   7       0 loop0 4481 32 81144 3989 52042 81971 18042088 461971 0 64968 496418 48 0 786486 31 11574 30426',
  ' 254       0 vda 190324 1023 9018422 60233 512012 301442 40012344 900121 2 410233 960355 0 0 0 0 0 0',
  ' 254       1 vda1 5 0 40 1 0 0 0 0 0 2 1 0 0 0 0 0 0',
].join('\n')

test('the line of a disk as the kernel writes it', () => {
  assert.deepEqual(parseDiskstats(diskstats, '254:0'), {
    device: '/dev/vda',
    reads: 190_324,
    readsMerged: 1023,
    sectorsRead: 9_018_422,
    readSeconds: 60.233,
    writes: 512_012,
    writesMerged: 301_442,
    sectorsWritten: 40_012_344,
    writeSeconds: 900.121,
    inFlight: 2,
    ioSeconds: 410.233,
    weightedIoSeconds: 960.355,
  })
  assert.equal(parseDiskstats(diskstats, '254:1')?.device, '/dev/vda1')
  assert.equal(parseDiskstats(diskstats, '0:41'), undefined)
})

for (const [dev, text] of [
  [0xfe00n, '254:0'],
  [0x0801n, '8:1'],
  [0x10_30_03n, '48:259'],
] as const)
  test(`the numbers of device ${dev}`, () => assert.equal(numbersOf(dev), text))
