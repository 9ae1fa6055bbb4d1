/** The images of a real cluster, made of parts that were built on this machine: `writeImages`. */
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

import { VERSION } from '../../../src/cli/version.ts'
import { OPERATOR_NODE_ARGS } from '../../launch.ts'
import { bundleOperator } from '../../operator-bundle.ts'
import { Progress, type ProgressStream } from '../../progress.ts'
import { ROOT } from '../../root.ts'
import { PAUSE_IMAGE } from '../node-files.ts'
import { IMAGES } from './names.ts'
import { type ImageConfig, writeOciArchive } from './oci-archive.ts'
import { RootDirectory } from './root-directory.ts'

/** What seid's image has besides seid: the operator's scripts run with no more. */
const SCRIPT_TOOLS = ['sh', 'cat', 'cp', 'mkdir', 'mv', 'rm', 'sync']
/** What the sidecar's has, for tests and for users who inspect it. */
const POSIX_TOOLS =
  'sh basename cat chmod chown cmp cp cut date df dirname echo env expr false grep head id kill ls mkdir mktemp mv printf pwd readlink rm rmdir sed sha256sum sleep sort stat sync tail tee test touch tr true uname uniq wc'.split(
    ' ',
  )

/** With their environment: the variable replaces the list of upgrades that are built into seid, which ends with v6.4.0. */
const SEID_IMAGES = [
  [IMAGES.seid, {}],
  [IMAGES.nextSeid, {}],
  [IMAGES.upgradedSeid, { UPGRADE_VERSION_LIST: 'v6.4.0,v6.5.0' }],
  [IMAGES.latestSeid, { UPGRADE_VERSION_LIST: 'v6.4.0,v6.5.0,v6.6.0' }],
] as const

/** Where an S3 fake answers, should there be one: the sidecar reads objects from there and never from AWS. */
const S3_ENDPOINT = 'http://s3.sei-e2e.svc.cluster.local:9000'

/** What test pods run, as files of the sidecar's image below /app. */
const TOOLS = ['connect', 'main-container', 'observe', 's3']

export interface ImageParts {
  /** The program. */
  readonly seid: string
  /** A real seictl in place of the fake, unless it is empty or undefined. */
  readonly seictl: string | undefined
}

export interface Image {
  readonly name: string
  /** Of its OCI archive. */
  readonly path: string
}

/** Writes an archive for each image into `dir`. */
export async function writeImages(dir: string, parts: ImageParts, stream: ProgressStream): Promise<readonly Image[]> {
  using progress = new Progress('Making images', { stream })
  await mkdir(dir, { recursive: true })
  const images: Image[] = []
  const write = async (root: RootDirectory, name: string, config: ImageConfig): Promise<void> => {
    progress.detail(name)
    const path = join(dir, `${images.length}.tar`)
    await writeOciArchive(root.dir, name, config, path)
    images.push({ name, path })
  }
  const make = async (name: string, fill: (root: RootDirectory) => Promise<void>): Promise<RootDirectory> => {
    progress.detail(`the files of ${name}`)
    const root = await RootDirectory.create(join(dir, name))
    await fill(root)
    return root
  }
  const pause = await make('pause', root => root.copyTools(['sleep']))
  await write(pause, PAUSE_IMAGE, { entrypoint: ['sleep', 'infinity'], version: 'v1' })
  const seid = await make('seid', root => seidFiles(root, parts.seid))
  for (const [name, env] of SEID_IMAGES) {
    await write(seid, name, { entrypoint: ['seid'], env, version: name.slice(name.lastIndexOf(':') + 1) })
  }
  const sidecar = await make('sidecar', root => sidecarFiles(root, parts.seictl))
  await write(sidecar, IMAGES.sidecar, {
    entrypoint: ['seictl'],
    env: {
      AWS_ENDPOINT_URL_S3: S3_ENDPOINT,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    },
    version: 'v0.0.25',
  })
  const operator = await make('operator', operatorFiles)
  await write(operator, IMAGES.operator, {
    entrypoint: ['/nodejs/bin/node', ...OPERATOR_NODE_ARGS, '/app/sei-k8s-controller.mjs'],
    version: VERSION,
  })
  for (const { dir: files } of [pause, seid, sidecar, operator]) await rm(files, { recursive: true })
  progress.end(`${images.length} images`)
  return images
}

async function seidFiles(root: RootDirectory, seid: string): Promise<void> {
  await root.copyTools(SCRIPT_TOOLS)
  await root.copyProgram(seid, 'usr/bin/seid')
}

/** With seictl on PATH, and programs for pods of tests. */
async function sidecarFiles(root: RootDirectory, seictl: string | undefined): Promise<void> {
  await root.copyTools(POSIX_TOOLS)
  await root.copyProgram(process.execPath, 'nodejs/bin/node')
  await bundle('testing/fakes/sidecar/main.ts', join(root.dir, 'app/seictl.mjs'))
  for (const tool of TOOLS) await bundle(`testing/realcluster/tools/${tool}.ts`, join(root.dir, `app/${tool}.mjs`))
  if (!seictl) {
    const launcher = '#!/bin/sh\nexec /nodejs/bin/node /app/seictl.mjs "$@"\n'
    await root.write('usr/bin/seictl', launcher, 0o755)
  } else {
    await root.copyProgram(seictl, 'usr/bin/seictl')
  }
}

async function operatorFiles(root: RootDirectory): Promise<void> {
  await root.copyProgram(process.execPath, 'nodejs/bin/node')
  await mkdir(join(root.dir, 'app'))
  await copyFile(await bundleOperator(), join(root.dir, 'app/sei-k8s-controller.mjs'))
}

async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'warning',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  })
}
