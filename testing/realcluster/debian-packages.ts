/** The container runtime from Debian's packages, unpacked and never installed: `resolveRuntime`. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { cacheRoot } from '../controlplane/cache-root.ts'
import { prepared } from '../controlplane/prepared.ts'
import type { Progress, ProgressStream } from '../progress.ts'

/** Runtime and network plugins for pods, nft for the rules of NetworkPolicies, ip for the node's own network. */
const PACKAGES = ['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'iproute2'] as const

/** `name version` of each package that was unpacked, a line each. */
const VERSIONS = 'versions.txt'

export interface Runtime {
  /** Where the packages' files are, as below /. */
  readonly dir: string
  /** Directories of programs, for PATH. */
  readonly programs: readonly string[]
  /** Directories of shared libraries that the machine may lack, for LD_LIBRARY_PATH. */
  readonly libraries: readonly string[]
  readonly cniPlugins: string
  /** `containerd 1.6.20~ds1-1+deb12u3, runc ...` */
  readonly versions: string
}

const run = promisify(execFile)

/** From the cache, or else fetched by apt-get from the sources that this machine is set up with, signatures checked. */
export async function resolveRuntime(env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<Runtime> {
  const root = await cacheRoot(env)
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : ''
  const hash = createHash('sha256')
    .update(`${PACKAGES.join(' ')} ${arch()} ${release}`)
    .digest('hex')
  const dir = join(root.dir, `runtime-${hash.slice(0, 16)}`)
  const goods = {
    dir,
    files: ['root/usr/bin/containerd', VERSIONS],
    what: 'the container runtime',
    from: [{ title: `Fetching ${PACKAGES.join(', ')} with apt-get`, make: fetchPackages }],
    waysOut: 'on a machine that is no Debian or Ubuntu, name a cluster by E2E_KUBECONFIG',
  }
  await prepared(goods, stream)
  const versions = (await readFile(join(dir, VERSIONS), 'utf8')).trim().split('\n')
  const files = join(dir, 'root')
  const libraries = (await readdir(join(files, 'usr/lib')))
    .filter(name => name.endsWith('-linux-gnu'))
    .map(name => join(files, 'usr/lib', name))
  return {
    dir: files,
    programs: ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map(path => join(files, path)),
    libraries,
    cniPlugins: join(files, 'usr/lib/cni'),
    versions: versions.filter(line => PACKAGES.some(name => line.startsWith(`${name} `))).join(', '),
  }
}

/**
 * apt-get works out what else the packages need that this machine lacks. Its lists and archives are kept apart, so that
 * those of the machine stay as they are; nothing is installed, so no service starts.
 */
async function fetchPackages(outDir: string, progress: Progress): Promise<void> {
  const apt = join(outDir, 'apt')
  await mkdir(join(apt, 'lists/partial'), { recursive: true })
  await mkdir(join(apt, 'archives/partial'), { recursive: true })
  const settings = [
    `Dir::State::lists=${apt}/lists`,
    `Dir::Cache=${apt}`,
    `Dir::Cache::archives=${apt}/archives`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap(setting => ['-o', setting])
  progress.detail('reading the package lists')
  await call('apt-get', [...settings, '-qq', 'update'])
  progress.detail('downloading')
  const wanted = ['--no-install-recommends', '--reinstall', '--download-only', 'install', ...PACKAGES]
  await call('apt-get', [...settings, '-qq', '-y', ...wanted])
  const versions: string[] = []
  for (const name of (await readdir(join(apt, 'archives'))).filter(file => file.endsWith('.deb')).toSorted()) {
    progress.detail(`unpacking ${name}`)
    const archive = join(apt, 'archives', name)
    await call('dpkg-deb', ['-x', archive, join(outDir, 'root')])
    versions.push((await call('dpkg-deb', ['--show', archive])).trim().replace('\t', ' '))
  }
  await writeFile(join(outDir, VERSIONS), `${versions.join('\n')}\n`)
  await rm(apt, { recursive: true })
}

async function call(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 64 << 20 })
    return stdout
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'ENOENT') throw new Error(`there is no ${program}`, { cause: error })
    const said = 'stderr' in error ? String(error.stderr) : error.message
    throw new Error(`${program}: ${said.trim().split('\n').slice(-5).join('; ')}`, { cause: error })
  }
}
