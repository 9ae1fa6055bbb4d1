/** Tests of halt.ts: when a node is halted, by what its pod and its status say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateHalt, type HaltFacts, type HaltFinding, haltMessage, parseHalted, parseHeight } from './halt.ts'

const NOTHING: HaltFacts = { targetHeight: 100, reported: undefined, refusedAt: undefined, storedHeight: undefined }

function halted(height: number): HaltFinding {
  return { kind: 'halted', height, targetHeight: 100 }
}

const rows: readonly [string, Partial<HaltFacts>, HaltFinding][] = [
  [
    'no height in the spec, whatever the volume',
    { targetHeight: undefined, reported: { height: 500 } },
    { kind: 'none' },
  ],
  ['nothing known', {}, { kind: 'pending' }],
  ['a volume below the height', { reported: { height: 99 } }, { kind: 'pending' }],
  ['a volume at the height', { reported: { height: 100 } }, halted(100)],
  ['a volume beyond it', { reported: { height: 103 } }, halted(103)],
  ['a pod that has reached it since it started', { reported: { height: 7 }, refusedAt: 100 }, halted(100)],
  ['no pod, and a node that was halted', { storedHeight: 100 }, halted(100)],
  ['no pod, and a height that was raised since', { storedHeight: 99 }, { kind: 'pending' }],
  ['another volume than the one that was halted', { reported: { height: 5 }, storedHeight: 100 }, { kind: 'pending' }],
  ['a seid that does not tell', { reported: { unknown: 'no' } }, { kind: 'unchecked', message: 'no' }],
  [
    'one that does not tell, on a node that was halted',
    { reported: { unknown: 'no' }, storedHeight: 101 },
    halted(101),
  ],
  ['a volume that cannot be read', { reported: 'unreadable' }, { kind: 'unreadable' }],
  [
    'a volume that cannot be read, on a node that was halted',
    { reported: 'unreadable', storedHeight: 100 },
    { kind: 'unreadable' },
  ],
  [
    'a volume that could not be read, at its height since it can',
    { reported: 'unreadable', refusedAt: 100 },
    halted(100),
  ],
]

for (const [what, facts, finding] of rows) {
  test(`${what}: ${finding.kind}`, () => assert.deepEqual(evaluateHalt({ ...NOTHING, ...facts }), finding))
}

test('the message says by how many blocks the node is beyond its height', () => {
  const messages = [100, 101, 103].map(height => haltMessage({ height, targetHeight: 100 }))
  const end = '. To continue, raise or remove spec.haltHeight'
  assert.deepEqual(messages, [
    `seid is halted at height 100${end}`,
    `seid is halted at height 101, 1 block beyond spec.haltHeight 100${end}`,
    `seid is halted at height 103, 3 blocks beyond spec.haltHeight 100${end}`,
  ])
})

test('reports are read from termination messages, and nothing else is', () => {
  assert.deepEqual(parseHeight('height 186\n'), { height: 186 })
  assert.deepEqual(parseHeight('height unknown\nError: unknown command\nUsage:\n'), {
    unknown: 'Error: unknown command\nUsage:',
  })
  assert.equal(parseHeight('height unreadable\nresource temporarily unavailable\n'), 'unreadable')
  for (const other of [
    undefined,
    '',
    'height',
    'height -1',
    'a height 5',
    'address A\nstate 5',
    'height unreadablex',
  ]) {
    assert.equal(parseHeight(other), undefined, other)
  }
  assert.equal(parseHalted('halted 186\n'), 186)
  for (const other of [undefined, 'halted', 'panic: halted 5', 'halted 5 times']) {
    assert.equal(parseHalted(other), undefined, other)
  }
})
