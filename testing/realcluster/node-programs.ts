/** What a real cluster node runs beyond the control plane, built from pinned Go modules: `resolveNodePrograms`, kubelet and CoreDNS. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { cacheRoot } from '../controlplane/cache-root.ts'
import { goBuild } from '../controlplane/go-build.ts'
import { prepared } from '../controlplane/prepared.ts'
import { kubernetesVersionFlags } from '../controlplane/versions.ts'
import type { ProgressStream } from '../progress.ts'

export interface NodePrograms {
  readonly kubelet: string
  readonly coredns: string
}

interface PinnedProgram {
  readonly name: keyof NodePrograms
  readonly title: string
  /** Below hack/realcluster. */
  readonly module: string
  readonly package: string
  readonly ldflags: (goMod: string) => readonly string[]
}

const MODULES = fileURLToPath(new URL('../../hack/realcluster', import.meta.url))

const PROGRAMS: readonly PinnedProgram[] = [
  {
    name: 'kubelet',
    title: 'Building kubelet with Go',
    module: 'kubelet',
    package: 'k8s.io/kubernetes/cmd/kubelet',
    ldflags: goMod => kubernetesVersionFlags(/k8s\.io\/kubernetes (v\S+)/.exec(goMod)?.[1] ?? ''),
  },
  {
    name: 'coredns',
    title: 'Building CoreDNS with Go',
    module: 'coredns',
    package: 'github.com/sei-protocol/sei-k8s-controller/hack/realcluster/coredns',
    ldflags: () => [],
  },
]

/** From the cache, or else built. Rejects in a sentence where Go is missing or too old. */
export async function resolveNodePrograms(env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<NodePrograms> {
  const paths = new Map<string, string>()
  for (const program of PROGRAMS) paths.set(program.name, await resolve(program, env, stream))
  return { kubelet: paths.get('kubelet') ?? '', coredns: paths.get('coredns') ?? '' }
}

async function resolve(program: PinnedProgram, env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<string> {
  const { name, title } = program
  const moduleDir = join(MODULES, program.module)
  const sources = [join(moduleDir, 'go.mod'), join(moduleDir, 'go.sum')]
  if (name === 'coredns') sources.push(join(moduleDir, 'main.go'))
  const texts = await Promise.all(sources.map(path => readFile(path, 'utf8')))
  const hash = createHash('sha256').update(texts.join('\0')).update(`${process.platform} ${process.arch}`).digest('hex')
  const root = await cacheRoot(env)
  const dir = join(root.dir, `${name}-${hash.slice(0, 16)}`)
  const make = (outDir: string, progress: Parameters<typeof goBuild>[0]['progress']): Promise<void> =>
    goBuild({
      moduleDir,
      outDir,
      packages: { [name]: program.package },
      ldflags: program.ldflags(texts[0] ?? ''),
      env: root.overriddenHome ? { ...env, HOME: root.dir } : env,
      progress,
    })
  const waysOut = 'install Go 1.26 or newer (https://go.dev/dl)'
  await prepared({ dir, files: [name], what: `the program ${name}`, from: [{ title, make }], waysOut }, stream)
  return join(dir, name)
}
