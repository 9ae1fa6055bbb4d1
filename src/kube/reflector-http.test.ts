/** A reflector over real connections: what a broken stream looks like on the wire, and that nothing is lost by it. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { ReflectorEvent } from './reflector.ts'
import { runReflector } from './reflector.ts'
import { pods } from './resources.ts'
import { answer, scriptedServer, steppingClock } from './scripted-server.ts'
import type { KubeObject } from './types.ts'

const line = (type: string, resourceVersion: string, more: object = {}) =>
  `${JSON.stringify({ type, object: { metadata: { name: `at-${resourceVersion}`, resourceVersion }, ...more } })}\n`

/** One way in which a watch comes to an end after its first event. */
type Ending = (response: ServerResponse) => void

/** The queries after the first list and watch, and what the sink got, when the first watch ends like this. */
async function after(ending: Ending) {
  const done = new AbortController()
  const asked: string[] = []
  await using server = await scriptedServer(({ query }, response) => {
    const isWatch = query.has('watch')
    asked.push(isWatch ? `watch ${query.get('resourceVersion')}` : 'list')
    if (!isWatch) {
      answer(response, 200, { metadata: { resourceVersion: asked.length === 1 ? '5' : '50' }, items: [] })
    } else if (asked.length === 2) {
      response.write(line('ADDED', '6'), () => ending(response))
    } else {
      response.write(line('ADDED', '60'))
    }
  })
  const sunk: string[] = []
  const errors: unknown[] = []
  await runReflector<KubeObject>({
    client: server.client(),
    resource: pods,
    sink(event) {
      sunk.push(summary(event))
      if (sunk.at(-1) === 'applied at-60') done.abort(new Error('seen enough'))
    },
    onError: error => errors.push(error),
    signal: AbortSignal.any([done.signal, AbortSignal.timeout(10_000)]),
    idleTimeoutMs: 100,
    clock: steppingClock(),
    random: () => 0,
  })
  return { next: asked.slice(2), sunk, errors: errors.map(String) }
}

function summary(event: ReflectorEvent<KubeObject>): string {
  return event.kind === 'replaced' ? `replaced ${event.items.length}` : `${event.kind} ${event.object.metadata?.name}`
}

const resumed = ['replaced 0', 'applied at-6', 'applied at-60']
const relisted = ['replaced 0', 'applied at-6', 'replaced 0', 'applied at-60']

for (const [what, ending, next, sunk, error] of [
  ['ends', response => response.end(), ['watch 6'], resumed, undefined],
  ['ends after a bookmark', response => response.end(line('BOOKMARK', '7')), ['watch 7'], resumed, undefined],
  [
    'breaks',
    response => response.destroy(),
    ['watch 6'],
    resumed,
    /TransportError: watch pods: the connection was closed inside/,
  ],
  ['falls silent', () => undefined, ['watch 6'], resumed, /WatchError: watch pods: nothing arrived for 100 ms/],
  ['sends garbage', response => response.write('garbage\n'), ['list', 'watch 50'], relisted, /expected a JSON line/],
  [
    'has expired',
    response => response.write(line('ERROR', '', { code: 410, reason: 'Expired', message: 'too old' })),
    ['list', 'watch 50'],
    relisted,
    /WatchError: watch pods: the server ended it: 410 Expired: too old/,
  ],
] as const satisfies [string, Ending, string[], string[], RegExp | undefined][]) {
  test(`a stream that ${what} is followed by: ${next.join(', ')}`, async () => {
    const seen = await after(ending)
    assert.deepEqual(seen.next, next)
    assert.deepEqual(seen.sunk, sunk)
    if (error) assert.match(seen.errors.join('\n'), error)
    else assert.deepEqual(seen.errors, [])
  })
}
