/** The real seid: `resolveSeid` takes the program that SEID names, or builds it from its Go module, once. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { cacheRoot } from '../../controlplane/cache-root.ts'
import { goBuild, goModuleDir } from '../../controlplane/go-build.ts'
import { prepared, type Source } from '../../controlplane/prepared.ts'
import type { ProgressStream } from '../../progress.ts'

const MODULE_DIR = fileURLToPath(new URL('../../../hack/seid', import.meta.url))
const CHAIN = 'github.com/sei-protocol/sei-chain'
/** What the commit that go.mod pins was released as; the module proxy knows it by a pseudo-version alone. */
const RELEASE = 'v6.4.0'
const WAYS_OUT = 'install Go 1.26 or newer and a C compiler, or set SEID to the path of a seid program'

/** In the module, by the architecture that Node names; seid is linked to all three. */
const LIBRARIES = {
  x64: libraries('x86_64'),
  arm64: libraries('aarch64'),
} as const

export interface Seid {
  readonly path: string
  /** Lie beside it, where it finds them; none where SEID names the program. */
  readonly libraries: readonly string[]
}

/** Rejects with one sentence that says what is missing and what to do. */
export async function resolveSeid(env: NodeJS.ProcessEnv, stream: ProgressStream = process.stderr): Promise<Seid> {
  const named = env['SEID']
  if (named) {
    if (!existsSync(named)) throw new Error(`SEID: there is no program ${named}`)
    return { path: named, libraries: [] }
  }
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(`seid is not built on ${platform} ${arch}: set SEID to the path of a seid program`)
  }
  const root = await cacheRoot(env)
  const names = LIBRARIES[arch].map(fileName)
  const dir = join(root.dir, `seid-${await pinnedHash(arch)}`)
  const from = [build(root.overriddenHome ? { ...env, HOME: root.dir } : env, LIBRARIES[arch])]
  await prepared({ dir, files: ['seid', ...names], what: 'seid and its libraries', from, waysOut: WAYS_OUT }, stream)
  return { path: join(dir, 'seid'), libraries: names.map(name => join(dir, name)) }
}

function build(env: NodeJS.ProcessEnv, paths: readonly string[]): Source {
  return {
    title: `Building seid ${RELEASE} with Go`,
    make: async (outDir, progress) => {
      await goBuild({
        moduleDir: MODULE_DIR,
        outDir,
        packages: { seid: `${CHAIN}/cmd/seid` },
        tags: ['netgo'],
        cgo: true,
        ldflags: [
          // A dependency reaches into the runtime by a name that newer Go releases hide.
          '-checklinkname=0',
          // It loads its libraries from its own directory too, not only from Go's module cache.
          '-extldflags=-Wl,-rpath,$ORIGIN',
          ...Object.entries({ Name: 'sei', AppName: 'seid', Version: RELEASE }).map(
            ([name, value]) => `-X ${CHAIN}/sei-cosmos/version.${name}=${value}`,
          ),
        ],
        env,
        progress,
      })
      const module = await goModuleDir(CHAIN, { moduleDir: MODULE_DIR, env })
      for (const path of paths) await copyFile(join(module, path), join(outDir, fileName(path)))
    },
  }
}

async function pinnedHash(arch: string): Promise<string> {
  const hash = createHash('sha256').update(`${RELEASE} ${arch}`)
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(MODULE_DIR, file), 'utf8'))
  return hash.digest('hex').slice(0, 16)
}

function libraries(machine: string): readonly string[] {
  return [
    `sei-wasmvm/internal/api/libwasmvm.${machine}.so`,
    `sei-wasmd/x/wasm/artifacts/v152/api/libwasmvm152.${machine}.so`,
    `sei-wasmd/x/wasm/artifacts/v155/api/libwasmvm155.${machine}.so`,
  ]
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
