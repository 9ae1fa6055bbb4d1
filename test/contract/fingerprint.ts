/** Tells the release of an unknown sidecar by its behaviour: `fingerprint` names the profile that it must be held to. */
import { randomUUID } from 'node:crypto'

import { field, send } from './http.ts'
import type { RawAnswer } from './http.ts'
import type { Launch, Subject, Variables } from './subject.ts'

/** `launch` rejects, naming the missing variable, where the sidecar refuses to start. */
export async function fingerprint(launch: Launch, variables: Variables): Promise<string> {
  const needsGenesis = await refuses(launch, {}, 'SEI_CHAIN_ID')
  if (needsGenesis) {
    const { SEI_SNAPSHOT_BUCKET: _bucket, SEI_SNAPSHOT_REGION: _region, ...genesisOnly } = variables
    if (!(await refuses(launch, genesisOnly, 'SEI_SNAPSHOT_BUCKET'))) return 'v0.0.26'
  }
  const subject = await launch(variables)
  try {
    return needsGenesis ? await tellLate(subject) : await tellEarly(subject)
  } finally {
    await subject.stop()
  }
}

async function tellEarly(subject: Subject): Promise<string> {
  const empty = await post(subject, { type: 'config-validate', schedule: {} })
  const topLevelSchedule = empty.status === 400
  const id = randomUUID()
  const accepted = await post(subject, { id, type: 'mark-ready' })
  if (accepted.status === 202) return topLevelSchedule ? 'v0.0.16' : 'v0.0.17'
  if (field(accepted.json, 'id') !== id) return 'v0.0.20'
  return topLevelSchedule ? 'v0.0.22' : 'v0.0.25'
}

async function tellLate(subject: Subject): Promise<string> {
  if (await knows(subject, 'snapshot-upload-once')) return 'v0.0.66'
  if (!(await knows(subject, 'discover-peers'))) return 'v0.0.61'
  if ((await send(subject.address, { path: '/v0/startupz' })).status !== 404) return 'v0.0.50'
  if ((await send(subject.address, { path: '/v0/livez' })).status !== 404) return 'v0.0.40'
  const id = randomUUID()
  await post(subject, { id, type: 'discover-peers', params: { sources: [{ type: 'dnsEndpoints', endpoints: [] }] } })
  for (;;) {
    const task = await send(subject.address, { path: `/v0/tasks/${id}` })
    if (field(task.json, 'status') === 'running') continue
    return String(field(task.json, 'error')).includes('unknown type') ? 'v0.0.27' : 'v0.0.30'
  }
}

async function knows(subject: Subject, type: string): Promise<boolean> {
  return (await post(subject, { type })).status !== 400
}

async function refuses(launch: Launch, variables: Variables, name: string): Promise<boolean> {
  let subject: Subject
  try {
    subject = await launch(variables)
  } catch (error) {
    if (error instanceof Error && error.message.includes(`required environment variable ${name} is not set`))
      return true
    throw error
  }
  await subject.stop()
  return false
}

function post(subject: Subject, body: object): Promise<RawAnswer> {
  return send(subject.address, { method: 'POST', path: '/v0/tasks', body: JSON.stringify(body) })
}
