/** An image as one file that container runtimes import and registries take: `writeOciArchive`, one layer, no Docker. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MEDIA = 'application/vnd.oci.image'

export interface ImageConfig {
  readonly entrypoint?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Two images of the same files are two when their versions differ. */
  readonly version: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** Tars the files below `rootDir`, all of them root's, into one layer, and writes the archive of the image `name` to `path`. */
export async function writeOciArchive(rootDir: string, name: string, config: ImageConfig, path: string): Promise<void> {
  const work = `${path}.parts`
  await mkdir(join(work, 'blobs/sha256'), { recursive: true })
  const layerPath = join(work, 'layer')
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--sort=name']
  await run('tar', ['-C', rootDir, ...owner, '-cf', layerPath, '.'])
  const layer = await asBlob(work, layerPath, `${MEDIA}.layer.v1.tar`)
  const platform = { architecture: arch() === 'x64' ? 'amd64' : arch(), os: 'linux' }
  const configBlob = await jsonBlob(work, `${MEDIA}.config.v1+json`, {
    ...platform,
    config: {
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/sbin:/usr/bin', ...config.env }).map(
        ([key, value]) => `${key}=${value}`,
      ),
      ...(config.entrypoint && { Entrypoint: config.entrypoint }),
      WorkingDir: '/',
      Labels: { 'org.opencontainers.image.version': config.version },
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = await jsonBlob(work, `${MEDIA}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${MEDIA}.manifest.v1+json`,
    config: configBlob,
    layers: [layer],
  })
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name }
  const index = {
    schemaVersion: 2,
    mediaType: `${MEDIA}.index.v1+json`,
    manifests: [{ ...manifest, annotations, platform }],
  }
  await writeFile(join(work, 'index.json'), JSON.stringify(index))
  await writeFile(join(work, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await run('tar', ['-C', work, '-cf', path, 'oci-layout', 'index.json', 'blobs'])
  await rm(work, { recursive: true })
}

async function jsonBlob(work: string, mediaType: string, content: unknown): Promise<Descriptor> {
  const path = join(work, 'json')
  await writeFile(path, JSON.stringify(content))
  return asBlob(work, path, mediaType)
}

/** Moves the file to where its digest says. */
async function asBlob(work: string, path: string, mediaType: string): Promise<Descriptor> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  const hex = hash.digest('hex')
  const { size } = await stat(path)
  await rename(path, join(work, 'blobs/sha256', hex))
  return { mediaType, digest: `sha256:${hex}`, size }
}
