/** Provides the control plane's programs: `resolveBinaries` finds, downloads or builds them, once. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { ProgressStream } from '../progress.ts'
import { cacheRoot } from './cache-root.ts'
import { downloadRelease } from './download.ts'
import { goBuild } from './go-build.ts'
import { missingFrom, prepared, type Source } from './prepared.ts'
import { type Binaries, binariesIn, GO_PACKAGES, PROGRAMS } from './programs.ts'
import { kubernetesVersionFlags, pinnedVersions } from './versions.ts'

const MODULE_DIR = fileURLToPath(new URL('../../hack/controlplane', import.meta.url))
const WAYS_OUT =
  'install Go 1.26 or newer (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a directory that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl'

/**
 * Uses `KUBEBUILDER_ASSETS` if it has all of them, else the cache, else the official release, else a build with Go.
 * Assets that hold only a part (setup-envtest has no kube-controller-manager) are not mixed with programs of another release.
 */
export async function resolveBinaries(
  env: NodeJS.ProcessEnv,
  stream: ProgressStream = process.stderr,
): Promise<Binaries> {
  const assets = env['KUBEBUILDER_ASSETS']
  if (assets) {
    if (!existsSync(assets)) throw new Error(`KUBEBUILDER_ASSETS: there is no directory ${assets}`)
    const missing = missingFrom(assets, PROGRAMS)
    if (missing.length === 0) return binariesIn(assets)
    stream.write(`KUBEBUILDER_ASSETS=${assets} is not used: it lacks ${missing.join(', ')}.\n`)
  }
  const goMod = await readFile(join(MODULE_DIR, 'go.mod'), 'utf8')
  const goSum = await readFile(join(MODULE_DIR, 'go.sum'), 'utf8')
  const hash = createHash('sha256')
    .update(goMod)
    .update(goSum)
    .update(`${process.platform} ${process.arch} ${PROGRAMS.join(' ')}`)
    .digest('hex')
  const root = await cacheRoot(env)
  const dir = join(root.dir, `controlplane-${hash.slice(0, 16)}`)
  const from = sources(goMod, root.overriddenHome ? { ...env, HOME: root.dir } : env)
  await prepared({ dir, files: PROGRAMS, what: "the control plane's programs", from, waysOut: WAYS_OUT }, stream)
  return binariesIn(dir)
}

function sources(goMod: string, env: NodeJS.ProcessEnv): Source[] {
  const versions = pinnedVersions(goMod)
  const build: Source = {
    title: `Building Kubernetes ${versions.kubernetes} with Go`,
    make: (outDir, progress) =>
      goBuild({
        moduleDir: MODULE_DIR,
        outDir,
        packages: GO_PACKAGES,
        // Without its version the server calls itself v0.0.0, which clients refuse.
        ldflags: kubernetesVersionFlags(versions.kubernetes),
        env,
        progress,
      }),
  }
  const download: Source = {
    title: `Downloading Kubernetes ${versions.kubernetes}`,
    make: (outDir, progress) =>
      downloadRelease({
        outDir,
        versions,
        kubernetesUrl: env['SEI_K8S_DOWNLOAD_URL'] ?? 'https://dl.k8s.io',
        etcdUrl: env['SEI_ETCD_DOWNLOAD_URL'] ?? 'https://github.com/etcd-io/etcd/releases/download',
        platform: process.platform,
        arch: process.arch,
        env,
        progress,
      }),
  }
  // A release holds no kube-apiserver for anything but Linux.
  return process.platform === 'linux' ? [download, build] : [build]
}
