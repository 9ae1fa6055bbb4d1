/** Programs from Debian's packages, unpacked and never installed: `resolveRuntime`, `resolvePrometheus`, `resolveBrowser`. */
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

interface PackageSet {
  /** Directories of the cache begin with it. */
  readonly name: string
  readonly packages: readonly string[]
  /** Programs, as below /, without which the set is of no use. */
  readonly programs: readonly string[]
  /** In messages. */
  readonly what: string
  readonly waysOut: string
}

/** Runtime and network plugins for pods, nft for the rules of NetworkPolicies, ip for the node's own network. */
const RUNTIME: PackageSet = {
  name: 'runtime',
  packages: ['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'iproute2'],
  programs: ['usr/bin/containerd'],
  what: 'the container runtime',
  waysOut: 'on a machine that is no Debian or Ubuntu, name a cluster by E2E_KUBECONFIG',
}

const PROMETHEUS: PackageSet = {
  name: 'prometheus',
  packages: ['prometheus'],
  programs: ['usr/bin/prometheus', 'usr/bin/promtool'],
  what: 'Prometheus',
  waysOut: 'the tests of alerts need a Debian or Ubuntu with apt-get',
}

/** A browser without a screen, and the typeface of Grafana. */
const BROWSER: PackageSet = {
  name: 'browser',
  packages: ['chromium-headless-shell', 'fonts-inter'],
  programs: ['usr/lib/chromium/chromium-headless-shell'],
  what: 'the files of Chromium',
  waysOut: 'on a machine that is no Debian, name a Chromium by CHROMIUM',
}

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

export async function resolveRuntime(env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<Runtime> {
  const dir = await resolveSet(RUNTIME, env, stream)
  const versions = (await readFile(join(dir, VERSIONS), 'utf8')).trim().split('\n')
  const files = join(dir, 'root')
  return {
    dir: files,
    programs: ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map(path => join(files, path)),
    libraries: await librariesIn(files),
    cniPlugins: join(files, 'usr/lib/cni'),
    versions: versions.filter(line => RUNTIME.packages.some(name => line.startsWith(`${name} `))).join(', '),
  }
}

async function librariesIn(files: string): Promise<readonly string[]> {
  const names = await readdir(join(files, 'usr/lib'))
  return names.filter(name => name.endsWith('-linux-gnu')).map(name => join(files, 'usr/lib', name))
}

export interface Browser {
  readonly program: string
  /** For LD_LIBRARY_PATH. */
  readonly libraries: readonly string[]
  readonly fonts: string
}

/** That of the variable CHROMIUM, or one that apt-get brings. */
export async function resolveBrowser(env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<Browser> {
  const own = env['CHROMIUM'] ?? ''
  if (own !== '') return { program: own, libraries: [], fonts: '/usr/share/fonts' }
  const files = join(await resolveSet(BROWSER, env, stream), 'root')
  const [program = ''] = BROWSER.programs
  const libraries = await librariesIn(files)
  // Found by its absolute path where it is installed.
  const sound = libraries.map(dir => join(dir, 'pulseaudio'))
  return { program: join(files, program), libraries: [...libraries, ...sound], fonts: join(files, 'usr/share/fonts') }
}

/** Paths of the programs. */
export async function resolvePrometheus(
  env: NodeJS.ProcessEnv,
  stream: ProgressStream,
): Promise<{ readonly prometheus: string; readonly promtool: string }> {
  const programs = join(await resolveSet(PROMETHEUS, env, stream), 'root/usr/bin')
  return { prometheus: join(programs, 'prometheus'), promtool: join(programs, 'promtool') }
}

/**
 * From the cache, or else fetched by apt-get from the sources that this machine is set up with, signatures checked.
 * @returns the set's directory in the cache
 */
async function resolveSet(set: PackageSet, env: NodeJS.ProcessEnv, stream: ProgressStream): Promise<string> {
  const { name, packages, programs, what, waysOut } = set
  const root = await cacheRoot(env)
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : ''
  const hash = createHash('sha256')
    .update(`${packages.join(' ')} ${arch()} ${release}`)
    .digest('hex')
  const dir = join(root.dir, `${name}-${hash.slice(0, 16)}`)
  const goods = {
    dir,
    files: [...programs.map(path => join('root', path)), VERSIONS],
    what,
    from: [
      {
        title: `Fetching ${packages.join(', ')} with apt-get`,
        make: (outDir: string, progress: Progress) => fetchPackages(packages, outDir, progress),
      },
    ],
    waysOut,
  }
  await prepared(goods, stream)
  return dir
}

/**
 * apt-get works out what else the packages need that this machine lacks. Its lists and archives are kept apart, so that
 * those of the machine stay as they are; nothing is installed, so no service starts.
 */
async function fetchPackages(packages: readonly string[], outDir: string, progress: Progress): Promise<void> {
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
  const wanted = ['--no-install-recommends', '--reinstall', '--download-only', 'install', ...packages]
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
