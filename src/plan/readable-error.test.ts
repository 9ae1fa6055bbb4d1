/** Findings of a validation come as JSON in which Go escapes <, > and &; people read them as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isVersionRefused, NEWER_CONFIG_REMEDY, readableError } from './readable-error.ts'

const WORKERS =
  '{"severity":"ERROR","field":"chain.concurrency_workers","message":"concurrency_workers must be \\u003e= -1"}'
const PORT = '{"severity":"WARNING","field":"evm.http_port","message":"say \\"yes\\" \\u0026 go"}'
const VERSION =
  '{"severity":"ERROR","field":"version","message":"config version 2 is newer than supported version 1; upgrade"}'
const WORKERS_TEXT = 'ERROR chain.concurrency_workers: concurrency_workers must be >= -1'

const table = [
  ['config-apply', `config validation failed: [${WORKERS}]`, `config validation failed: ${WORKERS_TEXT}`],
  [
    'several findings',
    `config validation failed: [${WORKERS},${PORT}]`,
    `config validation failed: ${WORKERS_TEXT}; WARNING evm.http_port: say "yes" & go`,
  ],
  [
    'config-validate',
    `config validation failed: {"valid":false,"version":2,"mode":"full","diagnostics":[${WORKERS}]}`,
    `config validation failed: ${WORKERS_TEXT}`,
  ],
  [
    'a text that was cut off',
    `config validation failed: [${WORKERS},{"severity":"ERROR","field":"ev`,
    `config validation failed: ${WORKERS_TEXT}`,
  ],
  [
    'a configuration of a newer sidecar',
    `config validation failed: [${VERSION}]`,
    `config validation failed: ERROR version: config version 2 is newer than supported version 1; upgrade; ${NEWER_CONFIG_REMEDY}`,
  ],
  ['what is no JSON', 'config validation failed: who knows', 'config validation failed: who knows'],
  ['another error', 'config-apply: invalid mode "x"', 'config-apply: invalid mode "x"'],
] as const

for (const [title, error, expected] of table) {
  test(`${title} is readable`, () => assert.equal(readableError(error), expected))
}

test('a refused version is distinguished from other findings', () => {
  assert.equal(isVersionRefused(`config validation failed: [${VERSION}]`), true)
  assert.equal(isVersionRefused(`config validation failed: [${WORKERS}]`), false)
  assert.equal(isVersionRefused('reading {"field":"version"}'), false)
})
