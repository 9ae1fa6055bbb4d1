/** What a real cluster node runs beyond the control plane, built from pinned Go modules: `resolveNodePrograms`, kubelet and CoreDNS. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type PinnedProgram, resolvePinnedProgram } from '../controlplane/pinned-program.ts'
import { kubernetesVersionFlags } from '../controlplane/versions.ts'
import type { ProgressStream } from '../progress.ts'

export interface NodePrograms {
  readonly kubelet: string
  readonly coredns: string
}

const MODULES = fileURLToPath(new URL('../../hack/realcluster', import.meta.url))
const WAYS_OUT = 'install Go 1.26 or newer (https://go.dev/dl)'

const KUBELET: PinnedProgram = {
  name: 'kubelet',
  title: 'Building kubelet with Go',
  moduleDir: join(MODULES, 'kubelet'),
  package: 'k8s.io/kubernetes/cmd/kubelet',
  ldflags: goMod => kubernetesVersionFlags(/k8s\.io\/kubernetes (v\S+)/.exec(goMod)?.[1] ?? ''),
  waysOut: WAYS_OUT,
}

const COREDNS: PinnedProgram = {
  name: 'coredns',
  title: 'Building CoreDNS with Go',
  moduleDir: join(MODULES, 'coredns'),
  package: 'github.com/sei-protocol/sei-k8s-controller/hack/realcluster/coredns',
  sources: ['main.go'],
  waysOut: WAYS_OUT,
}

/** From the cache, or else built. Rejects in a sentence where Go is missing or too old. */
export async function resolveNodePrograms(env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<NodePrograms> {
  return {
    kubelet: await resolvePinnedProgram(KUBELET, env, stream),
    coredns: await resolvePinnedProgram(COREDNS, env, stream),
  }
}
