/** Which programs are taken. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { resolveBinaries } from './binaries.ts'
import { PROGRAMS, type Program } from './programs.ts'
import { recording } from './recording.ts'
import { testDirectory } from './test-directory.ts'

function fill(dir: string, programs: readonly Program[]): void {
  for (const program of programs) writeFileSync(join(dir, program), '')
}

test('a complete KUBEBUILDER_ASSETS is used', async t => {
  const dir = testDirectory(t)
  fill(dir, PROGRAMS)
  const { stream, text } = recording()
  const binaries = await resolveBinaries({ KUBEBUILDER_ASSETS: dir }, stream)
  assert.equal(binaries['kube-scheduler'], join(dir, 'kube-scheduler'))
  assert.equal(text(), '')
})

test('KUBEBUILDER_ASSETS that names no directory is an error, not a long build', async () => {
  const { stream } = recording()
  await assert.rejects(
    resolveBinaries({ KUBEBUILDER_ASSETS: '/nonexistent/assets' }, stream),
    /KUBEBUILDER_ASSETS: there is no directory \/nonexistent\/assets/,
  )
})

test('KUBEBUILDER_ASSETS of setup-envtest is ignored with one sentence that says what is missing', async t => {
  const assets = testDirectory(t)
  fill(assets, ['etcd', 'kube-apiserver', 'kubectl'])
  const home = testDirectory(t)
  const { stream, text } = recording()
  const env = {
    HOME: home,
    PATH: home,
    KUBEBUILDER_ASSETS: assets,
    SEI_K8S_DOWNLOAD_URL: 'http://127.9.9.9:20999',
    SEI_ETCD_DOWNLOAD_URL: 'http://127.9.9.9:20999',
  }
  await assert.rejects(
    resolveBinaries(env, stream),
    /127\.9\.9\.9:20999.*; Go is not installed\): install Go 1\.26 or newer .*, or set KUBEBUILDER_ASSETS to a directory that holds/,
  )
  assert.match(text(), /^KUBEBUILDER_ASSETS=.* is not used: it lacks kube-controller-manager, kube-scheduler\.\n/)
})
