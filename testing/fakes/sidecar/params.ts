/** Reads task parameters as seictl does: to v0.0.25 a wrong type counts as absent, later it fails the task with Go's own words. */
import type { Params } from './task-record.ts'

export type Strictness = 'lenient' | 'strict'

/** Reads one task's parameters; `struct` is the name that Go's error shows. */
export class ParamReader {
  readonly #params: Params
  readonly #strict: boolean
  readonly #struct: string

  constructor(params: Params, strictness: Strictness, struct: string) {
    this.#params = params
    this.#strict = strictness === 'strict'
    this.#struct = struct
  }

  /** Empty where absent. */
  string(name: string): string {
    const value = this.#params[name]
    return typeof value === 'string' ? value : this.#refuse(value, name, 'string', '')
  }

  boolean(name: string): boolean {
    const value = this.#params[name]
    return typeof value === 'boolean' ? value : this.#refuse(value, name, 'bool', false)
  }

  /** Zero where absent. */
  integer(name: string): number {
    const value = this.#params[name]
    if (typeof value === 'number' && (Number.isInteger(value) || !this.#strict)) return Math.trunc(value)
    return this.#refuse(value, name, 'int64', 0)
  }

  list(name: string): readonly unknown[] {
    const value = this.#params[name]
    return Array.isArray(value) ? value : this.#refuse(value, name, '[]interface {}', [])
  }

  strings(name: string): readonly string[] {
    return this.list(name).map(item => (typeof item === 'string' ? item : this.#refuse(item, name, 'string', '')))
  }

  object(name: string): Params {
    const value = this.#params[name]
    return isObject(value) ? value : this.#refuse(value, name, 'map[string]interface {}', {})
  }

  /** A value that is not a string reads as empty in lenient releases. */
  stringMap(name: string): Readonly<Record<string, string>> {
    const entries = Object.entries(this.object(name))
    const read = (value: unknown): string =>
      typeof value === 'string' ? value : this.#refuse(value, name, 'string', '')
    return Object.fromEntries(entries.map(([key, value]) => [key, read(value)]))
  }

  #refuse<T>(value: unknown, name: string, goType: string, absent: T): T {
    if (!this.#strict || value === undefined || value === null) return absent
    const found = typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : goKind(value)
    throw new Error(
      `parsing params: json: cannot unmarshal ${found} into Go struct field ${this.#struct}.${name} of type ${goType}`,
    )
  }
}

export function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}
