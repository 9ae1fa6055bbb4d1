/** Builds programs from Go modules that a go.mod of this repository pins: `goBuild`. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Progress } from '../progress.ts'

export interface GoBuildOptions {
  /** The directory of go.mod. */
  readonly moduleDir: string
  /** Receives the programs; must exist. */
  readonly outDir: string
  /** Package paths by program name. */
  readonly packages: Readonly<Record<string, string>>
  /** Linker flags besides those that strip debug information. */
  readonly ldflags?: readonly string[]
  readonly tags?: readonly string[]
  /** True: with a C compiler, for programs that contain C. */
  readonly cgo?: boolean
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
}

const WATCH_OUTPUT_MS = 1000

/**
 * Rejects with Go's message if it is missing, too old for go.mod (and not allowed to fetch a newer one) or fails.
 * One invocation for all programs: the first ones are linked while packages of the others still compile.
 */
export async function goBuild(options: GoBuildOptions): Promise<void> {
  const { outDir, progress } = options
  const packages = Object.entries(options.packages)
  await go(options, ['list', '-m'])

  let fetched = 0
  let total = 0
  const onModule = (line: string): void => {
    if (!line.startsWith('go: downloading ')) return
    fetched += 1
    progress.detail(`${fetched} Go modules fetched`)
  }
  await go(options, ['list', '-deps', ...tagsOf(options), ...Object.values(options.packages)], onModule, () => {
    total += 1
  })

  let compiled = 0
  const showCompiled = (): void => {
    const linked = packages.filter(([, path]) => existsSync(join(outDir, outputName(path)))).map(([name]) => name)
    const done = linked.length === 0 ? 'no program linked yet' : `linked: ${linked.join(' ')}`
    progress.detail(`${compiled} of at most ${total} packages compiled, ${done}`)
  }
  const watch = setInterval(showCompiled, WATCH_OUTPUT_MS)
  try {
    await go(options, buildArguments(options), line => {
      if (isPackagePath(line)) compiled += 1
    })
  } finally {
    clearInterval(watch)
  }
  for (const [name, path] of packages) {
    if (outputName(path) !== name) await rename(join(outDir, outputName(path)), join(outDir, name))
  }
}

/** Where Go keeps the sources of a module that go.mod requires, fetched if need be. Rejects as `goBuild` does. */
export async function goModuleDir(module: string, options: Pick<GoBuildOptions, 'moduleDir' | 'env'>): Promise<string> {
  let dir = ''
  await go(options, ['mod', 'download', module])
  await go(options, ['list', '-m', '-f', '{{.Dir}}', module], undefined, line => {
    dir = line
  })
  return dir
}

/** The name that `go build` gives to a package's program: that of its directory, which a major version is none of. */
function outputName(path: string): string {
  const parts = path.split('/')
  const last = parts.at(-1) ?? ''
  return /^v\d+$/.test(last) ? (parts.at(-2) ?? last) : last
}

function tagsOf({ tags = [] }: GoBuildOptions): string[] {
  return tags.length === 0 ? [] : [`-tags=${tags.join(',')}`]
}

function buildArguments(options: GoBuildOptions): string[] {
  const { outDir, packages, ldflags = [] } = options
  return [
    'build',
    '-v',
    '-trimpath',
    '-buildvcs=false',
    // Debug information is stripped anyway; not generating it saves a sixth of the compile time.
    '-gcflags=all=-dwarf=false',
    `-ldflags=${['-s', '-w', ...ldflags].join(' ')}`,
    ...tagsOf(options),
    '-o',
    `${outDir}/`,
    ...Object.values(packages),
  ]
}

/** `-v` prints each package as it is compiled; everything else on standard error is a message. */
function isPackagePath(line: string): boolean {
  return !/[\s:]/.test(line)
}

/** A developer's Go settings, which must not affect the programs that are built and cached here. */
const BUILT_OTHERWISE = /^(GOOS|GOARCH|GO386|GOAMD64|GOARM|GOARM64|GOEXPERIMENT|GOFIPS140|GODEBUG|CGO_.*)$/

function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !BUILT_OTHERWISE.test(name)))
}

/** Runs go in the module; rejects with its last messages when it fails. */
function go(
  options: Pick<GoBuildOptions, 'moduleDir' | 'cgo' | 'env'>,
  args: readonly string[],
  onStderr: (line: string) => void = () => undefined,
  onStdout: (line: string) => void = () => undefined,
): Promise<void> {
  const child = spawn('go', args, {
    cwd: options.moduleDir,
    env: {
      ...plainEnvironment(options.env),
      CGO_ENABLED: options.cgo ? '1' : '0',
      GOFLAGS: '-mod=readonly',
      GOWORK: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const messages: string[] = []
  createInterface(child.stdout).on('line', onStdout)
  createInterface(child.stderr).on('line', line => {
    onStderr(line)
    if (!isPackagePath(line) && !line.startsWith('go: downloading ')) messages.push(line)
  })
  return new Promise((resolve, reject) => {
    child.once('error', cause => reject(new Error('Go is not installed', { cause })))
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(messages.slice(-10).join('\n') || `go ${args[0]} ended with ${signal ?? `status ${code}`}`))
    })
  })
}
