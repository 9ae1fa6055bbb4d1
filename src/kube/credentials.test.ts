/** A rotated token is used, a missing one is survived. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fixedCredentials, RenewedCredentials, tokenFileCredentials } from './credentials.ts'

async function tokenFile(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'token-'))
  t.after(() => rm(dir, { recursive: true }))
  return join(dir, 'token')
}

test('a token file is read again after a minute, and not before', async t => {
  const path = await tokenFile(t)
  let now = 0
  const credentials = tokenFileCredentials(path, () => now)
  await writeFile(path, 'one\n')
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer one' })
  await writeFile(path, 'two\n')
  now = 59_999
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer one' })
  now = 60_000
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer two' })
})

test('a refused token is read again at once', async t => {
  const path = await tokenFile(t)
  const credentials = tokenFileCredentials(path, () => 0)
  await writeFile(path, 'one')
  const refused = await credentials.headers()
  await writeFile(path, 'two')
  assert.equal(credentials.refresh(refused), true)
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer two' })
})

/** Credentials whose source answers when the test says so; `asked` has the arguments of each attempt. */
function scripted() {
  const asked: boolean[] = []
  const answers: PromiseWithResolvers<{ n: string }>[] = []
  const read = (afterRefusal: boolean) => {
    asked.push(afterRefusal)
    const answer = Promise.withResolvers<{ n: string }>()
    answers.push(answer)
    return answer.promise
  }
  const credentials = new RenewedCredentials(read, 1_000, () => 0)
  const answer = async (n: string) => {
    await new Promise(setImmediate)
    answers.shift()?.resolve({ n })
  }
  return { credentials, asked, answer, answers }
}

test('the source is asked once, however many requests wait for it', async () => {
  const { credentials, asked, answer } = scripted()
  const waiting = Promise.all([credentials.headers(), credentials.headers(), credentials.headers()])
  await answer('1')
  assert.deepEqual(await waiting, [{ n: '1' }, { n: '1' }, { n: '1' }])
  assert.deepEqual(asked, [false])
})

test('headers that several requests were refused with are renewed once, bypassing the cache of the source', async () => {
  const { credentials, asked, answer } = scripted()
  void answer('1')
  const refused = await credentials.headers()
  credentials.refresh(refused)
  const first = credentials.headers()
  credentials.refresh(refused)
  const second = credentials.headers()
  await answer('2')
  assert.deepEqual(await Promise.all([first, second]), [{ n: '2' }, { n: '2' }])
  credentials.refresh(refused)
  assert.deepEqual(await credentials.headers(), { n: '2' })
  assert.deepEqual(asked, [false, true])
})

test('refused headers are never the best guess: a source that fails after a refusal is an error', async () => {
  const { credentials, answer, answers } = scripted()
  void answer('1')
  credentials.refresh(await credentials.headers())
  const next = credentials.headers()
  await new Promise(setImmediate)
  answers.shift()?.reject(new Error('exec plugin: exit 1'))
  await assert.rejects(next, /exec plugin: exit 1/)
})

test('while the file cannot be read the last token stays in use; without one it is an error that names the file', async t => {
  const path = await tokenFile(t)
  let now = 0
  const credentials = tokenFileCredentials(path, () => now)
  await assert.rejects(credentials.headers(), /ENOENT.*token/)
  await writeFile(path, '\n')
  await assert.rejects(credentials.headers(), /token: expected a token, found an empty file/)
  await writeFile(path, 'one')
  await credentials.headers()
  await rm(path)
  now = 120_000
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer one' })
})

test('fixed credentials have nothing to refresh', async () => {
  const credentials = fixedCredentials({ authorization: 'Bearer x' })
  assert.equal(credentials.refresh({}), false)
  assert.deepEqual(await credentials.headers(), { authorization: 'Bearer x' })
})
