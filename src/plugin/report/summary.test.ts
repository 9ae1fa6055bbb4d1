/** A report says what is in it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summary } from './summary.ts'

test('what is in a report, what is not, and that a person has to look through it', () => {
  const archive = {
    paths: ['status.txt', 'logs/a/seid.log', 'manifests/pods/a.yaml', 'manifests/pods/b.yaml'],
    bytes: 2000,
    redacted: 1,
  }
  assert.equal(
    summary({ path: '/home/me/r.zip', archive, missing: ['events: you may not list events'] }).join('\n'),
    `Report: /home/me/r.zip (2 KiB)
  status.txt      what kubectl sei status shows
  manifests/      manifests with status (2 files)
  logs/           logs of all containers, and of the start before (.previous) (1 file)
1 value that looked secret was replaced by [redacted].

Not in it:
  events: you may not list events

Look through it before you send it: it has the names, addresses, images and log lines of your nodes.`,
  )
})
