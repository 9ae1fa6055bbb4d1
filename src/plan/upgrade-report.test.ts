/** What is read from the messages and logs of seids, as v6.4.0 wrote them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type UpgradeReport, upgradeReport } from './upgrade-report.ts'

const TRACE = '\n\ngoroutine 1 [running]:\nmain.main()\n\t/go/main.go:1 +0x1\n'
const needed = { kind: 'needed', name: 'v6.5.0', height: 657 } as const

const rows: readonly (readonly [title: string, text: string, report: UpgradeReport | undefined])[] = [
  ['the raw line', 'UPGRADE "v6.5.0" NEEDED at height: 657: ', needed],
  ['the raw line with info', 'UPGRADE "v6.5.0" NEEDED at height: 657: {"upgradeType":"minor"}\n', needed],
  ['the panic', `panic: UPGRADE "v6.5.0" NEEDED at height: 657:  [recovered, repanicked]${TRACE}`, needed],
  [
    'both, after a log',
    `level=INFO msg=x\nUPGRADE "v6.5.0" NEEDED at height: 657: \npanic: UPGRADE "v6.5.0" NEEDED at height: 657: `,
    needed,
  ],
  [
    'an early binary',
    `panic: BINARY UPDATED BEFORE TRIGGER! UPGRADE "v6.6.0" - in binary but not executed on chain [recovered, repanicked]${TRACE}`,
    { kind: 'early', name: 'v6.6.0' },
  ],
  [
    'an old binary after the upgrade',
    `panic: Wrong app version 0, upgrade handler is missing for v6.5.0 upgrade plan [recovered, repanicked]${TRACE}`,
    { kind: 'missing', name: 'v6.5.0' },
  ],
  [
    'the last of several',
    'UPGRADE "a" NEEDED at height: 1: \npanic: BINARY UPDATED BEFORE TRIGGER! UPGRADE "b" -',
    { kind: 'early', name: 'b' },
  ],
  ['nothing', '', undefined],
  ['another panic', `panic: out of luck${TRACE}`, undefined],
  ['what is in the middle of a line', 'level=INFO memo="UPGRADE \\"x\\" NEEDED at height: 5: "', undefined],
  ['what others made it log', 'msg=tx memo=panic: UPGRADE "x" NEEDED at height: 5: ', undefined],
  ['a height that is no number', 'UPGRADE "x" NEEDED at height: 5x', { kind: 'needed', name: 'x', height: 5 }],
  ['a height without end', `UPGRADE "x" NEEDED at height: ${'9'.repeat(20)}`, undefined],
  ['an escaped line of the log', 'level=ERROR msg="UPGRADE \\"v6.5.0\\" NEEDED at height: 657: "', undefined],
]

for (const [title, text, report] of rows) {
  test(`a seid that ended said: ${title}`, () => {
    assert.deepEqual(upgradeReport(text), report)
  })
}
