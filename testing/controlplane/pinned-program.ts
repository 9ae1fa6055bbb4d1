/** A program that a Go module of this repository pins, built once and kept: `resolvePinnedProgram`; `pinnedDirectory` for other files of such a module. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { ProgressStream } from '../progress.ts'
import { cacheRoot } from './cache-root.ts'
import { goBuild } from './go-build.ts'
import { prepared } from './prepared.ts'

export interface PinnedProgram {
  /** Of the program and of its directory in the cache. */
  readonly name: string
  /** Of the progress line: "Building kubelet with Go". */
  readonly title: string
  /** The directory of go.mod. */
  readonly moduleDir: string
  readonly package: string
  /** Files of the module that the program is built from, besides go.mod and go.sum. */
  readonly sources?: readonly string[]
  readonly ldflags?: (goMod: string) => readonly string[]
  /** What the user can do where it cannot be built. */
  readonly waysOut: string
}

/** The path of the program: from the cache, or else built. Rejects in a sentence where Go is missing or too old. */
export async function resolvePinnedProgram(
  program: PinnedProgram,
  env: NodeJS.ProcessEnv,
  stream: ProgressStream,
): Promise<string> {
  const { name, title, moduleDir, ldflags = () => [], waysOut } = program
  const pinned = await pinnedDirectory(program, env)
  const make = (outDir: string, progress: Parameters<typeof goBuild>[0]['progress']): Promise<void> =>
    goBuild({
      moduleDir,
      outDir,
      packages: { [name]: program.package },
      ldflags: ldflags(pinned.goMod),
      env: pinned.env,
      progress,
    })
  const goods = { dir: pinned.dir, files: [name], what: `the files of ${name}`, from: [{ title, make }], waysOut }
  await prepared(goods, stream)
  return join(pinned.dir, name)
}

interface PinnedDirectory {
  /** In the cache; another one for another go.mod, go.sum or source. */
  readonly dir: string
  readonly goMod: string
  /** For Go. */
  readonly env: NodeJS.ProcessEnv
}

/** Where what a Go module of this repository pins is kept. */
export async function pinnedDirectory(
  { name, moduleDir, sources = [] }: Pick<PinnedProgram, 'name' | 'moduleDir' | 'sources'>,
  env: NodeJS.ProcessEnv,
): Promise<PinnedDirectory> {
  const paths = ['go.mod', 'go.sum', ...sources].map(file => join(moduleDir, file))
  const texts = await Promise.all(paths.map(path => readFile(path, 'utf8')))
  const hash = createHash('sha256').update(texts.join('\0')).update(`${process.platform} ${process.arch}`).digest('hex')
  const root = await cacheRoot(env)
  return {
    dir: join(root.dir, `${name}-${hash.slice(0, 16)}`),
    goMod: texts[0] ?? '',
    env: root.overriddenHome ? { ...env, HOME: root.dir } : env,
  }
}
