/** How an action or a wait ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransportError } from '../../kube/errors.ts'
import { EXIT_CODES } from '../exit-code.ts'
import type { Io } from '../output/io.ts'
import { createStyle } from '../output/style.ts'
import { follow, type Outcome } from './follow.ts'

function recorded(signal = new AbortController().signal): { readonly io: Io; readonly said: string[] } {
  const said: string[] = []
  let time = 0
  const io: Io = {
    print: text => void said.push(text),
    note: text => void said.push(text),
    write: () => undefined,
    progress: line => void said.push(line),
    redraw: () => undefined,
    ask: () => Promise.resolve(undefined),
    style: createStyle(false),
    isTerminal: false,
    // Each look takes a minute.
    now: () => (time += 60_000),
    signal,
  }
  return { io, said }
}

test('done, stalled and timeout have exit codes of their own', async () => {
  const cases: readonly (readonly [outcome: Outcome, code: number, said: readonly string[]])[] = [
    [{ kind: 'done', message: 'a: Ready' }, EXIT_CODES.ok, ['a: Ready']],
    [{ kind: 'stalled', message: 'a: PodStuck' }, EXIT_CODES.stalled, ['stalled: a: PodStuck']],
    [
      { kind: 'waiting', message: 'a: Pending' },
      EXIT_CODES.timeout,
      ['a: Pending', 'timeout: ready did not happen within 30s: a: Pending'],
    ],
  ]
  for (const [outcome, code, expected] of cases) {
    const { io, said } = recorded()
    assert.equal(await follow(io, () => Promise.resolve(outcome), { timeoutMs: 30_000, what: 'ready' }), code)
    assert.deepEqual(said, expected)
  }
})

test('an API server that does not answer is asked again, another error ends the wait', async () => {
  const asked = { operation: 'get', object: 'seinodes.sei.io sei/a' }
  const answers = [
    () => Promise.reject(new TransportError(asked, 'connect', 'refused')),
    () => Promise.reject(new Error('bug')),
  ]
  const { io, said } = recorded()
  await assert.rejects(
    follow(io, () => answers.shift()?.() ?? assert.fail('asked too often'), { what: 'ready' }),
    /bug/,
  )
  assert.deepEqual(said, ['the API server does not answer'])
})

test('Ctrl-C ends the wait', async () => {
  const { io } = recorded(AbortSignal.abort(new Error('SIGINT')))
  await assert.rejects(
    follow(io, () => assert.fail('not asked'), { what: 'ready' }),
    /SIGINT/,
  )
})
