/** Runs a command with a real cluster of its own on this machine: `withRealCluster`. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { resolveBinaries } from '../controlplane/binaries.ts'
import type { ProgressStream } from '../progress.ts'
import { resolveSeid } from '../fakes/seid/resolve-seid.ts'
import { writeParts } from './cluster-parts.ts'
import { resolveRuntime } from './debian-packages.ts'
import { writeImages } from './images/images.ts'
import { cgroupOf, runInNamespaces } from './namespaces.ts'
import { resolveNodePrograms } from './node-programs.ts'
import { missingRequirement } from './requirements.ts'

const INSIDE = fileURLToPath(new URL('inside.ts', import.meta.url))

/**
 * Resolves with the command's exit status; with 1, and a sentence on `stream`, where this machine cannot hold a cluster. The
 * command sees KUBECONFIG and E2E_KUBECONFIG, and the cluster's network: pods answer at their addresses.
 */
export async function withRealCluster(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  stream: ProgressStream,
): Promise<number> {
  const missing = await missingRequirement()
  if (missing !== undefined) {
    stream.write(`${missing}\n`)
    return 1
  }
  const binaries = await resolveBinaries(env, stream)
  const programs = await resolveNodePrograms(env, stream)
  const runtime = await resolveRuntime(env, stream)
  const seid = await resolveSeid(env, stream)
  stream.write(`Container runtime: ${runtime.versions}\n`)

  // Not the usual place for temporary files, which may be in memory: this holds images and the volumes of chains.
  const parent = env['TMPDIR'] ?? '/var/tmp'
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'sei-e2e-'))
  try {
    const parts = { seid: seid.path, seictl: env['SEICTL'] }
    const written = await writeImages(join(dir, 'images'), parts, stream)
    const images = written.map(({ path }) => path)
    await writeParts(dir, { binaries, programs, runtime, images, cgroup: cgroupOf(dir) })
    return await runInNamespaces([process.execPath, INSIDE, dir, ...command], { dir, runtime, env })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
