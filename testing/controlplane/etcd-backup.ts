/** Backups of etcd's data, and the changes of `etcdutl snapshot restore` to a restored etcd: `copyOf`, `bumpRevision`. */
import { cp, rm } from 'node:fs/promises'

/** Requires that etcd is stopped, because a running one writes meanwhile. */
export async function copyOf(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true })
  await cp(from, to, { recursive: true })
}

/** etcd's own JSON gateway, at its client address. */
async function call<T>(url: string, path: string, body: object): Promise<T> {
  const answer = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`etcd ${path}: HTTP ${answer.status}: ${text}`)
  const result: T = JSON.parse(text)
  return result
}

interface Headed {
  readonly header: { readonly revision: string }
}

const PARALLEL = 16

export async function revisionOf(url: string): Promise<number> {
  const { header } = await call<Headed>(url, 'kv/range', { key: base64('/'), limit: 1, keys_only: true })
  return Number(header.revision)
}

/**
 * As `--bump-revision --mark-compacted`: revisions continue above `beyond`, objects keep the revisions that they have, and
 * nothing older than the new revision can be watched.
 */
export async function bumpRevision(url: string, beyond: number): Promise<void> {
  const put = (): Promise<Headed> => call(url, 'kv/put', { key: base64('/bump'), value: base64('') })
  let revision = await revisionOf(url)
  while (revision <= beyond) {
    const written = await Promise.all(Array.from({ length: PARALLEL }, put))
    revision = Math.max(...written.map(({ header }) => Number(header.revision)))
  }
  await call(url, 'kv/compaction', { revision: String(revision), physical: true })
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
