/** Faults on the way to a sidecar of every release: what the client reports, and what the sidecar did. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { createFakeSidecar, MemoryHome, PROFILES, profileOf } from '../../testing/fakes/sidecar/index.ts'
import type { Fault, SeenRequest, FakeSidecar } from '../../testing/fakes/sidecar/index.ts'
import type { SidecarClient } from '../../src/sidecar/client.ts'
import { SidecarError } from '../../src/sidecar/errors.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import { VARIABLES } from './subject.ts'

/** The first POST meets the fault. */
async function withFault(
  t: TestContext,
  tag: string,
  fault: Fault,
): Promise<{
  readonly sidecar: FakeSidecar
  readonly client: SidecarClient
  readonly error: SidecarError
  readonly id: string
}> {
  let pending: Fault | undefined = fault
  const faults = ({ method }: SeenRequest): Fault | undefined => {
    if (method !== 'POST') return undefined
    const now = pending
    pending = undefined
    return now
  }
  const sidecar = createFakeSidecar({ profile: tag, home: new MemoryHome(), env: VARIABLES, faults })
  const dial = createSidecarDialer()
  // Only an answer that is held back has to be too late.
  const dialOnce = fault.kind === 'delay' ? createSidecarDialer({ timeoutMs: 200 }) : dial
  t.after(() => sidecar.close())
  t.after(() => dial.close())
  t.after(() => dialOnce.close())
  const address = await sidecar.listen('127.0.0.1', 0)
  const client = dial(address)
  await client.health()
  const id = randomUUID()
  const error: unknown = await dialOnce(address)
    .submit({ id, type: 'mark-ready' })
    .catch((thrown: unknown) => thrown)
  assert.ok(error instanceof SidecarError, String(error))
  return { sidecar, client, error, id }
}

/** The sidecar carried the request out, and asking for the id, or the list where ids are ignored, tells. */
async function foundAgain(tag: string, client: SidecarClient, id: string): Promise<boolean> {
  if (profileOf(tag).clientIds) return (await client.task(id))?.type === 'mark-ready'
  assert.equal(await client.task(id), undefined)
  return (await client.tasks()).some(task => task.type === 'mark-ready')
}

for (const tag of PROFILES) {
  test(`${tag}: a connection cut before the request is handled: unknown, and nothing ran`, async t => {
    const { sidecar, client, error, id } = await withFault(t, tag, { kind: 'drop-before' })
    assert.deepEqual([error.kind, error.sent], ['unavailable', 'unknown'])
    assert.deepEqual(sidecar.history, [])
    assert.equal(await foundAgain(tag, client, id), false)
  })

  test(`${tag}: a lost answer: unknown, and the task is found again`, async t => {
    const { sidecar, client, error, id } = await withFault(t, tag, { kind: 'drop-after' })
    assert.deepEqual([error.kind, error.sent], ['unavailable', 'unknown'])
    assert.deepEqual(
      sidecar.history.map(({ type, run }) => [type, run]),
      [['mark-ready', 1]],
    )
    assert.equal(await foundAgain(tag, client, id), true)
  })

  test(`${tag}: an answer after the time limit: unknown, and the task is found again`, async t => {
    const { sidecar, client, error, id } = await withFault(t, tag, { kind: 'delay', ms: 2000 })
    assert.deepEqual([error.kind, error.sent], ['unavailable', 'unknown'])
    assert.equal(sidecar.history.length, 1)
    assert.equal(await foundAgain(tag, client, id), true)
  })

  test(`${tag}: a 500 may hide a task that runs`, async t => {
    const { client, error, id } = await withFault(t, tag, { kind: 'respond', status: 500, handled: true })
    assert.deepEqual([error.kind, error.sent, error.status], ['unavailable', 'unknown', 500])
    assert.equal(await foundAgain(tag, client, id), true)
  })

  test(`${tag}: a 409 and a failed insert are no verdict on the task`, async t => {
    const busy = { error: 'a task is already running' }
    const refused = await withFault(t, tag, { kind: 'respond', status: 409, body: busy })
    assert.deepEqual([refused.error.kind, refused.error.sent], ['busy', 'no'])
    const locked = { error: 'persist task: database is locked' }
    const failed = await withFault(t, tag, { kind: 'respond', status: 400, body: locked })
    assert.equal(failed.error.kind, 'unavailable')
    assert.notEqual(await failed.client.submit({ id: failed.id, type: 'mark-ready' }), '')
  })

  test(`${tag}: after a restart the client asks on a fresh connection`, async t => {
    const home = new MemoryHome()
    const start = (): FakeSidecar => createFakeSidecar({ profile: tag, home, env: VARIABLES })
    const first = start()
    const dial = createSidecarDialer()
    t.after(() => dial.close())
    const address = await first.listen('127.0.0.1', 0)
    const client = dial(address)
    await client.submit({ id: randomUUID(), type: 'mark-ready' })
    assert.equal(await client.health(), 'ready')
    await first.kill()
    const second = start()
    t.after(() => second.close())
    await second.listen(address.host, address.port)
    assert.equal(await client.health(), 'not-ready')
  })
}
