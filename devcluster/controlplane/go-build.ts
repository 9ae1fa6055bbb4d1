/** Builds the control plane's programs from the Go modules that hack/controlplane pins: `goBuild`. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Progress } from '../progress.ts'
import { PROGRAMS, type Program } from './programs.ts'
import type { PinnedVersions } from './versions.ts'

export interface GoBuildOptions {
  /** The directory of go.mod. */
  readonly moduleDir: string
  /** Receives the programs; must exist. */
  readonly outDir: string
  readonly versions: PinnedVersions
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
}

const PACKAGES: Readonly<Record<Program, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
}
/** The name that `go build` gives to etcd's package. */
const ETCD_OUTPUT = 'server'
const WATCH_OUTPUT_MS = 1000

/**
 * Rejects with what Go says when it is missing, too old for go.mod (and not allowed to fetch a newer one) or fails.
 * One invocation for all programs: the first ones are linked while packages of the others still compile.
 */
export async function goBuild(options: GoBuildOptions): Promise<void> {
  const { outDir, progress, versions } = options
  await go(options, ['list', '-m'])

  let fetched = 0
  let packages = 0
  const onModule = (line: string): void => {
    if (!line.startsWith('go: downloading ')) return
    fetched += 1
    progress.detail(`${fetched} Go modules fetched`)
  }
  await go(options, ['list', '-deps', ...Object.values(PACKAGES)], onModule, () => {
    packages += 1
  })

  let compiled = 0
  const showCompiled = (): void => {
    const linked = PROGRAMS.filter(program => existsSync(join(outDir, outputName(program))))
    const done = linked.length === 0 ? 'no program linked yet' : `linked: ${linked.join(' ')}`
    progress.detail(`${compiled} of at most ${packages} packages compiled, ${done}`)
  }
  const watch = setInterval(showCompiled, WATCH_OUTPUT_MS)
  try {
    await go(options, buildArguments(outDir, versions), line => {
      if (isPackagePath(line)) compiled += 1
    })
  } finally {
    clearInterval(watch)
  }
  await rename(join(outDir, ETCD_OUTPUT), join(outDir, 'etcd'))
}

function outputName(program: Program): string {
  return program === 'etcd' ? ETCD_OUTPUT : program
}

function buildArguments(outDir: string, versions: PinnedVersions): string[] {
  const [major = '', minor = ''] = versions.kubernetes.slice(1).split('.')
  // Without its version the server calls itself v0.0.0, which clients refuse.
  const variables = { gitVersion: versions.kubernetes, gitMajor: major, gitMinor: minor }
  const version = Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  return [
    'build',
    '-v',
    '-trimpath',
    '-buildvcs=false',
    // Debug information is stripped in the end; not making it saves a sixth of the compiler's time.
    '-gcflags=all=-dwarf=false',
    `-ldflags=-s -w ${version.join(' ')}`,
    '-o',
    `${outDir}/`,
    ...Object.values(PACKAGES),
  ]
}

/** `-v` prints each package as it is compiled; everything else on standard error is a message. */
function isPackagePath(line: string): boolean {
  return !/[\s:]/.test(line)
}

/** What a developer builds other programs for: it must not change what is built, and kept for this machine, here. */
const BUILT_OTHERWISE = /^(GOOS|GOARCH|GO386|GOAMD64|GOARM|GOARM64|GOEXPERIMENT|GOFIPS140|GODEBUG|CGO_.*)$/

function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !BUILT_OTHERWISE.test(name)))
}

/** Runs go in the module; rejects with its last messages when it fails. */
function go(
  options: GoBuildOptions,
  args: readonly string[],
  onStderr: (line: string) => void = () => undefined,
  onStdout: (line: string) => void = () => undefined,
): Promise<void> {
  const child = spawn('go', args, {
    cwd: options.moduleDir,
    env: { ...plainEnvironment(options.env), CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
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
