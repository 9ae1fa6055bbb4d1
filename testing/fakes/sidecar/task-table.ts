/** The tasks that a sidecar knows: `TaskTable`, a ring that forgets, or rows on a volume that outlive the process. */
import type { Home } from './home.ts'

export type Params = Readonly<Record<string, unknown>>

/** As on the wire, but for `run`, which only newer releases show. */
export interface TaskRecord {
  readonly id: string
  readonly type: string
  readonly params?: Params
  readonly status: 'running' | 'completed' | 'failed'
  readonly error?: string
  readonly submittedAt: string
  readonly completedAt?: string
  readonly run: number
  readonly result?: unknown
}

/** One line of the file. The last line of an id is its row; one with `deleted` ends it. */
type Row = TaskRecord & { readonly deleted?: true }

const DATABASE = 'sidecar.db'
const KEPT_IN_MEMORY = 10
const LISTED = 100

export class TaskTable {
  readonly #volume: Home | undefined
  readonly #rows = new Map<string, TaskRecord>()

  /** Without a volume, everything that runs and the last ten that ended. */
  constructor(volume: Home | undefined) {
    this.#volume = volume
    for (const line of (volume?.read(DATABASE) ?? '').split('\n')) {
      if (line === '') continue
      const row: Row = JSON.parse(line)
      if (row.deleted === true) this.#rows.delete(row.id)
      else this.#rows.set(row.id, row)
    }
  }

  get(id: string): TaskRecord | undefined {
    return this.#rows.get(id)
  }

  put(record: TaskRecord): void {
    this.#rows.delete(record.id)
    this.#rows.set(record.id, record)
    if (this.#volume) this.#write(record)
    else this.#forgetOldest()
  }

  delete(id: string): void {
    if (this.#rows.delete(id)) this.#write({ id, deleted: true })
  }

  /** Newest first, as GET /v0/tasks shows them. */
  list(): readonly TaskRecord[] {
    const newestFirst = [...this.#rows.values()].toSorted((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1))
    return newestFirst.slice(0, this.#volume ? LISTED : KEPT_IN_MEMORY)
  }

  /** What the last process did not end. */
  running(): readonly TaskRecord[] {
    return [...this.#rows.values()].filter(row => row.status === 'running')
  }

  #forgetOldest(): void {
    const ended = [...this.#rows.values()].filter(row => row.status !== 'running')
    for (const { id } of ended.slice(0, -KEPT_IN_MEMORY)) this.#rows.delete(id)
  }

  #write(row: object): void {
    this.#volume?.append(DATABASE, `${JSON.stringify(row)}\n`)
  }
}
