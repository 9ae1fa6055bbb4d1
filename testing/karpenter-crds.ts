/** The CRDs of Karpenter on AWS, copied from its Go module and kept: `karpenterCrds`. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goModuleDir } from './controlplane/go-build.ts'
import { pinnedDirectory } from './controlplane/pinned-program.ts'
import { prepared } from './controlplane/prepared.ts'
import type { ProgressStream } from './progress.ts'
import { ROOT } from './root.ts'

const MODULE = 'github.com/aws/karpenter-provider-aws'
const FILES = ['karpenter.k8s.aws_ec2nodeclasses.yaml', 'karpenter.sh_nodepools.yaml'] as const

/** Paths of the files. Rejects with one sentence that says what is missing and what to do. */
export async function karpenterCrds(
  env: NodeJS.ProcessEnv,
  stream: ProgressStream = process.stderr,
): Promise<readonly string[]> {
  const moduleDir = join(ROOT, 'hack/karpenter')
  const pinned = await pinnedDirectory({ name: 'karpenter-crds', moduleDir }, env)
  const make = async (outDir: string): Promise<void> => {
    const source = await goModuleDir(MODULE, { moduleDir, env: pinned.env })
    for (const file of FILES) await copyFile(join(source, 'pkg/apis/crds', file), join(outDir, file))
  }
  await prepared(
    {
      dir: pinned.dir,
      files: FILES,
      what: "Karpenter's CRDs",
      from: [{ title: 'Fetching CRDs of Karpenter with Go', make }],
      waysOut: 'install Go 1.26 or newer (https://go.dev/dl)',
    },
    stream,
  )
  return FILES.map(file => join(pinned.dir, file))
}
