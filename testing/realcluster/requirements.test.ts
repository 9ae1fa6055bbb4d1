/** Detects missing features of a machine from the kernel's data on a process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { lackingCapabilities } from './requirements.ts'

test('root of the machine lacks nothing', () => {
  assert.deepEqual(lackingCapabilities('Name:\tnode\nCapEff:\t000001fffeffffff\n'), [])
})

test('root of an ordinary container lacks what namespaces and their network need', () => {
  assert.deepEqual(lackingCapabilities('Name:\tnode\nCapEff:\t00000000a80425fb\n'), ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN'])
})
