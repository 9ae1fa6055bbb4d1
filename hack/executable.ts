/**
 * Makes kubectl-sei as a program that needs no Node.js, for the platform that it runs on: `node hack/executable.ts [BUNDLE [DIR]]`,
 * by default of dist/kubectl-sei.cjs in dist/. Writes kubectl-sei-OS-ARCH.tar.gz as Krew takes it, and what is in it.
 */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const bundle = resolve(process.argv[2] ?? join(root, 'dist/kubectl-sei.cjs'))
const outdir = resolve(process.argv[3] ?? dirname(bundle))

/** As Go and Krew name them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
/** Node's documentation of single executable applications has it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const NAME = 'kubectl-sei'

const isMac = platform() === 'darwin'
const fullName = `${NAME}-${platform()}-${ARCHITECTURES[arch()] ?? arch()}`
const directory = join(outdir, fullName)
const program = join(directory, NAME)
const blob = join(directory, 'blob')
const config = join(directory, 'sea.json')

await rm(directory, { recursive: true, force: true })
await mkdir(directory, { recursive: true })
await writeFile(config, JSON.stringify({ main: bundle, output: blob, disableExperimentalSEAWarning: true }))
await run(process.execPath, ['--experimental-sea-config', config])
await copyFile(process.execPath, program)
await chmod(program, 0o755)
// The signature of Node.js does not fit what is added to it. An Arm Mac starts no program without one.
if (isMac) await run('codesign', ['--remove-signature', program])
const postject = fileURLToPath(import.meta.resolve('postject/dist/cli.js'))
const segment = isMac ? ['--macho-segment-name', 'NODE_SEA'] : []
await run(process.execPath, [postject, program, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE, ...segment])
if (isMac) await run('codesign', ['--sign', '-', program])
await copyFile(join(root, 'LICENSE'), join(directory, 'LICENSE'))
await Promise.all([rm(blob), rm(config)])
await run('tar', ['-czf', `${directory}.tar.gz`, '-C', directory, NAME, 'LICENSE'])
const sizes = await Promise.all([program, `${directory}.tar.gz`].map(async path => (await stat(path)).size))
console.log(`built ${program} (${sizes.map(size => `${Math.round(size / 1024 ** 2)} MiB`).join(', compressed ')})`)
