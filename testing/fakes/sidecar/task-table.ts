/** The task memory of a sidecar: a ring that forgets (`MemoryTable`), or rows that outlive the process (`DatabaseTable`). */
import type { Home } from './home.ts'
import type { TaskRecord } from './task-record.ts'

export interface TaskTable {
  get(id: string): TaskRecord | undefined
  put(record: TaskRecord): void
  delete(id: string): void
  /** In the order in which GET /v0/tasks shows them, cut at its limit. */
  list(): readonly TaskRecord[]
}

/** Keeps what runs, what is scheduled, and the last ten that ended. */
export class MemoryTable implements TaskTable {
  readonly #limit: number
  readonly #active = new Map<string, TaskRecord>()
  readonly #scheduled = new Map<string, TaskRecord>()
  /** Oldest first. */
  readonly #finished = new Map<string, TaskRecord>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(id: string): TaskRecord | undefined {
    return this.#active.get(id) ?? this.#finished.get(id) ?? this.#scheduled.get(id)
  }

  put(record: TaskRecord): void {
    this.delete(record.id)
    if (record.schedule !== undefined) this.#scheduled.set(record.id, record)
    else if (record.status === 'running') this.#active.set(record.id, record)
    else this.#finished.set(record.id, record)
    for (const id of this.#finished.keys()) {
      if (this.#finished.size <= this.#limit) break
      this.#finished.delete(id)
    }
  }

  delete(id: string): void {
    this.#active.delete(id)
    this.#finished.delete(id)
    this.#scheduled.delete(id)
  }

  list(): readonly TaskRecord[] {
    const finished = [...this.#finished.values()].toReversed()
    return [...this.#active.values(), ...finished, ...this.#scheduled.values()].slice(0, this.#limit)
  }
}

/** One line of the file; only `DatabaseTable` writes it. */
type Row = TaskRecord & { readonly deleted?: true }

/** A line per change in `sidecar.db`: the last line of an id is its row, one with `deleted` ends it. */
const DATABASE = 'sidecar.db'

export class DatabaseTable implements TaskTable {
  readonly #home: Home
  readonly #limit: number
  readonly #rows = new Map<string, TaskRecord>()

  constructor(home: Home, limit: number) {
    this.#home = home
    this.#limit = limit
    for (const line of (home.read(DATABASE) ?? '').split('\n')) if (line !== '') this.#load(line)
  }

  get(id: string): TaskRecord | undefined {
    return this.#rows.get(id)
  }

  put(record: TaskRecord): void {
    this.#rows.set(record.id, record)
    this.#home.append(DATABASE, `${JSON.stringify(record)}\n`)
  }

  delete(id: string): void {
    if (this.#rows.delete(id)) this.#home.append(DATABASE, `${JSON.stringify({ id, deleted: true })}\n`)
  }

  list(): readonly TaskRecord[] {
    return [...this.#rows.values()].toSorted(newestFirst).slice(0, this.#limit)
  }

  /** Rows that the last process left running, to be executed again. */
  interrupted(): readonly TaskRecord[] {
    return [...this.#rows.values()].filter(row => row.status === 'running')
  }

  #load(line: string): void {
    const row: Row = JSON.parse(line)
    if (row.deleted === true) this.#rows.delete(row.id)
    else this.#rows.set(row.id, row)
  }
}

function newestFirst(a: TaskRecord, b: TaskRecord): number {
  return a.submittedAt < b.submittedAt ? 1 : -1
}
