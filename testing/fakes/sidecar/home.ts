/** The volume that a sidecar works on: `MemoryHome` for pods by the hundred, `DirectoryHome` for real files. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Paths are relative, with `/`; parents of a written file come into being by themselves. */
export interface Home {
  /** How error texts name the directory. */
  readonly root: string
  /** Undefined where there is no such file. */
  read(path: string): string | undefined
  write(path: string, text: string): void
  append(path: string, text: string): void
  /** A file, or a directory with all that it holds; absent is fine. */
  remove(path: string): void
  makeDirectory(path: string): void
  isDirectory(path: string): boolean
  /** Names directly below `path`, sorted; empty where it is no directory. */
  list(path: string): readonly string[]
}

export class MemoryHome implements Home {
  readonly root = '/sei'
  readonly #files = new Map<string, string>()
  readonly #directories = new Set<string>([''])

  read(path: string): string | undefined {
    return this.#files.get(path)
  }

  write(path: string, text: string): void {
    this.makeDirectory(parentOf(path))
    this.#files.set(path, text)
  }

  append(path: string, text: string): void {
    this.write(path, (this.#files.get(path) ?? '') + text)
  }

  remove(path: string): void {
    this.#files.delete(path)
    this.#directories.delete(path)
    for (const file of this.#files.keys()) if (file.startsWith(`${path}/`)) this.#files.delete(file)
    for (const directory of this.#directories) if (directory.startsWith(`${path}/`)) this.#directories.delete(directory)
  }

  makeDirectory(path: string): void {
    for (let at = path; !this.#directories.has(at); at = parentOf(at)) this.#directories.add(at)
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path)
  }

  list(path: string): readonly string[] {
    const below = path === '' ? '' : `${path}/`
    const names = [...this.#files.keys(), ...this.#directories]
      .filter(name => name !== '' && name.startsWith(below) && !name.slice(below.length).includes('/'))
      .map(name => name.slice(below.length))
    return names.toSorted()
  }
}

export class DirectoryHome implements Home {
  readonly root: string

  constructor(root: string) {
    this.root = root
    mkdirSync(root, { recursive: true })
  }

  read(path: string): string | undefined {
    try {
      return readFileSync(join(this.root, path), 'utf8')
    } catch {
      return undefined
    }
  }

  /** Through a temporary file, as seictl writes its configuration: a reader never sees half of it. */
  write(path: string, text: string): void {
    const target = join(this.root, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(`${target}.tmp`, text)
    renameSync(`${target}.tmp`, target)
  }

  append(path: string, text: string): void {
    const target = join(this.root, path)
    mkdirSync(dirname(target), { recursive: true })
    appendFileSync(target, text)
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true })
  }

  makeDirectory(path: string): void {
    mkdirSync(join(this.root, path), { recursive: true })
  }

  isDirectory(path: string): boolean {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.isDirectory() ?? false
  }

  list(path: string): readonly string[] {
    return this.isDirectory(path) ? readdirSync(join(this.root, path)).toSorted() : []
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
