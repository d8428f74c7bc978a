import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffOf } from './unified-diff.ts'

test('changes stand between the lines around them', () => {
  const before = {
    AccessModes: ['ReadWriteOnce'],
    VolumeName: '',
    VolumeMode: 'Filesystem',
    A: 1,
    B: 2,
    C: 3,
    D: 4,
    E: 5,
    F: 6,
    G: 7,
    H: 8,
  }
  const after = { ...before, AccessModes: ['ReadWriteMany'], H: 9, I: null }
  assert.equal(
    diffOf(before, after),
    `@@ -1,6 +1,6 @@
 {
  "AccessModes": [
-  "ReadWriteOnce"
+  "ReadWriteMany"
  ],
  "VolumeName": "",
  "VolumeMode": "Filesystem",
@@ -11,5 +11,6 @@
  "E": 5,
  "F": 6,
  "G": 7,
- "H": 8
+ "H": 9,
+ "I": null
 }
`,
  )
})

test('lists that begin and end', () => {
  assert.equal(
    diffOf({ Command: null, Args: null }, { Command: ['x'], Args: null }),
    '@@ -1,4 +1,6 @@\n {\n- "Command": null,\n+ "Command": [\n+  "x"\n+ ],\n  "Args": null\n }\n',
  )
  assert.equal(diffOf([], [1]), '@@ -1 +1,3 @@\n-[]\n+[\n+ 1\n+]\n')
})

test('equal and very long values have no diff', () => {
  assert.equal(diffOf({ a: [1, 2] }, { a: [1, 2] }), '')
  const long = Array.from({ length: 5000 }, (_, i) => i)
  assert.equal(diffOf(long, [...long, 1]), '')
})

test('values of many equal lines are compared in time', () => {
  const same = Array.from({ length: 1900 }, () => 'x')
  const began = process.cpuUsage()
  assert.match(diffOf(['y', ...same], [...same, 'z']), /^@@ -1,/)
  assert.ok(process.cpuUsage(began).user < 1_000_000)
})
