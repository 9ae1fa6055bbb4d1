/** An archive is what the specification of OCI image layouts says: every digest is that of the bytes it names. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { testDirectory } from '../../controlplane/test-directory.ts'
import { writeOciArchive } from './oci-archive.ts'

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

test('index, manifest, configuration and layer name one another by their digests', async t => {
  const dir = testDirectory(t)
  mkdirSync(join(dir, 'root/bin'), { recursive: true })
  writeFileSync(join(dir, 'root/bin/tool'), 'content')
  const config = { entrypoint: ['/bin/tool'], env: { KEY: 'value' }, version: 'v1' }
  await writeOciArchive(join(dir, 'root'), 'example.com/tool:v1', config, join(dir, 'image.tar'))
  mkdirSync(join(dir, 'out'))
  execFileSync('tar', ['-C', join(dir, 'out'), '-xf', join(dir, 'image.tar')])

  const blob = ({ digest, size }: Descriptor): Buffer => {
    const bytes = readFileSync(join(dir, 'out/blobs/sha256', digest.replace('sha256:', '')))
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest)
    assert.equal(bytes.length, size)
    return bytes
  }
  const index: { manifests: Descriptor[] } = JSON.parse(readFileSync(join(dir, 'out/index.json'), 'utf8'))
  const [descriptor] = index.manifests
  assert.ok(descriptor)
  assert.equal(descriptor.annotations?.['io.containerd.image.name'], 'example.com/tool:v1')
  const manifest: { config: Descriptor; layers: Descriptor[] } = JSON.parse(blob(descriptor).toString())
  const image: { config: { Entrypoint: string[]; Env: string[] }; rootfs: { diff_ids: string[] } } = JSON.parse(
    blob(manifest.config).toString(),
  )
  assert.deepEqual(image.config.Entrypoint, ['/bin/tool'])
  assert.ok(image.config.Env.includes('KEY=value'))
  const [layer] = manifest.layers
  assert.ok(layer)
  assert.deepEqual(image.rootfs.diff_ids, [layer.digest])
  const files = execFileSync('tar', ['-tvf', '-', '--numeric-owner'], { input: blob(layer) }).toString()
  assert.match(files, /^-\S+ 0\/0 .* \.\/bin\/tool$/m)
})

test('images of the same files differ by their version, and are the same for the same version', async t => {
  const dir = testDirectory(t)
  mkdirSync(join(dir, 'root'))
  writeFileSync(join(dir, 'root/file'), 'content')
  const digestOf = async (version: string, path: string): Promise<string> => {
    await writeOciArchive(join(dir, 'root'), 'example.com/tool:v1', { version }, join(dir, path))
    const index: { manifests: Descriptor[] } = JSON.parse(
      execFileSync('tar', ['-xOf', join(dir, path), 'index.json']).toString(),
    )
    return index.manifests[0]?.digest ?? ''
  }
  const first = await digestOf('v1', 'a.tar')
  assert.equal(await digestOf('v1', 'b.tar'), first)
  assert.notEqual(await digestOf('v2', 'c.tar'), first)
})
