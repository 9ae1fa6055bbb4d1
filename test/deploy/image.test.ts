/** The image, as far as it can be had without a container engine: what the Dockerfile says, and the bundle run in the way that it says. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { NODE_FLAGS } from '../../devcluster/bench/node-flags.ts'
import { attachedControlPlane } from '../../devcluster/controlplane/environment.ts'
import manifest from '../../package.json' with { type: 'json' }
import { ROOT, succeed } from '../integration/crd-harness.ts'
import { until } from '../support/until.ts'
import { readImage } from './dockerfile.ts'
import { render } from './rendered.ts'

const run = promisify(execFile)
const image = readImage()
const [uid = 0, gid = 0] = image.user.split(':').map(Number)
/** Only root can become somebody else. */
const identity = process.getuid?.() === 0 ? { uid, gid } : {}

/** Holds `nodejs/bin/node` and `app/`, as the image's root directory does. */
let root: string

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sei-image-'))
  const bin = join(root, 'nodejs/bin')
  const app = join(root, image.workdir)
  await Promise.all([mkdir(bin, { recursive: true }), mkdir(app, { recursive: true })])
  await copyFile(process.execPath, join(bin, 'node'))
  await run(process.execPath, [join(ROOT, 'hack/build.ts'), app])
  await chmod(join(app, 'sei-k8s-controller.mjs'), 0o444)
  for (const dir of [app, bin, join(root, 'nodejs'), root]) await chmod(dir, 0o555)
})
after(async () => {
  await chmod(root, 0o755)
  await chmod(join(root, image.workdir), 0o755)
  await chmod(join(root, 'nodejs'), 0o755)
  await chmod(join(root, 'nodejs/bin'), 0o755)
  await rm(root, { recursive: true })
})

/** What a container runtime does with the image, its root directory being `root`. */
function command(...args: readonly string[]): readonly [path: string, args: readonly string[]] {
  const [path = '', ...rest] = image.entrypoint.map(word => (word.startsWith('/') ? join(root, word) : word))
  return [path, [...rest, ...args]]
}

test('R16: several stages, of which the last is distroless Node.js of our major version with one program and no shell command', () => {
  const [major] = process.versions.node.split('.')
  assert.match(image.base, new RegExp(`^gcr\\.io/distroless/nodejs${major}-debian\\d+:nonroot$`))
  assert.deepEqual(image.files, [
    'LICENSE',
    'build:/src/dist/sei-k8s-controller.mjs',
    'build:/src/dist/sei-k8s-controller.cdx.json',
  ])
  assert.ok(!image.instructions.some(({ name }) => name === 'RUN' || name === 'ADD'))
  assert.deepEqual(image.entrypoint, ['/nodejs/bin/node', ...NODE_FLAGS, '/app/sei-k8s-controller.mjs'])
  assert.deepEqual(image.cmd, ['manager'])
})

test('R16: the image runs as the user that the Deployment says, which is not root', async () => {
  const { securityContext } = (await render('config/default')).only('Deployment').spec?.template.spec ?? {}
  assert.equal(image.user, `${securityContext?.runAsUser}:${securityContext?.runAsGroup}`)
  assert.ok(uid > 0 && gid > 0)
})

test('the files that the Dockerfile copies are let through by .dockerignore, and no test is', async () => {
  const lines = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  const ignored = lines.filter(line => line !== '' && !line.startsWith('#'))
  const copied = (await readFile(join(ROOT, 'Dockerfile'), 'utf8'))
    .matchAll(/^COPY (?!--from)(.*) \S+$/gm)
    .flatMap(([, sources = '']) => sources.split(' '))
  assert.deepEqual(
    [...copied].filter(path => !ignored.includes(`!${path}`)),
    [],
  )
  assert.equal(ignored[0], '*')
  assert.ok(ignored.includes('**/*.test.ts'))
})

test('the list of packages beside the bundle holds what is bundled, and nothing that only development needs', async () => {
  const path = join(root, image.workdir, 'sei-k8s-controller.cdx.json')
  const { components }: { readonly components: readonly { readonly name: string }[] } = JSON.parse(
    await readFile(path, 'utf8'),
  )
  const names = new Set(components.map(({ name }) => name))
  assert.deepEqual(
    Object.keys(manifest.dependencies).filter(name => !names.has(name)),
    [],
  )
  assert.deepEqual(
    Object.keys(manifest.devDependencies).filter(name => names.has(name)),
    [],
  )
})

test('the bundle explains itself as the user of the image, without node_modules, a home or anything to write to', async () => {
  const [path, args] = command('--help')
  const { stdout, stderr } = await run(path, [...args], { cwd: join(root, image.workdir), env: {}, ...identity })
  assert.match(stdout, /^Usage: sei-k8s-controller /)
  assert.equal(stderr, '')
})

test('with the arguments of config/default the image starts, becomes ready, and ends in order at SIGTERM', async t => {
  await succeed(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/crd')])
  const namespace = basename(root).toLowerCase()
  await succeed(['create', 'namespace', namespace])
  t.after(() => succeed(['delete', 'namespace', namespace, '--wait=false']))
  const kubeconfig = join(await mkdtemp(join(tmpdir(), 'sei-kubeconfig-')), 'kubeconfig')
  await writeFile(kubeconfig, await readFile(attachedControlPlane(process.env).operatorKubeconfigPath))
  await chmod(join(kubeconfig, '..'), 0o755)
  if (identity.uid !== undefined) await chown(kubeconfig, uid, gid)
  t.after(() => rm(join(kubeconfig, '..'), { recursive: true }))

  const [manager] = (await render('config/default')).only('Deployment').spec?.template.spec?.containers ?? []
  const given = (manager?.args ?? []).map(text =>
    text.replace('$(POD_NAMESPACE)', namespace).replace(/=:\d+$/, '=127.0.0.1:0'),
  )
  const [path, args] = command(...given, `--namespaces=${namespace}`, '--log-format=text')
  const cwd = join(root, image.workdir)
  const child: ChildProcess = spawn(path, [...args], { cwd, env: { KUBECONFIG: kubeconfig }, ...identity })
  t.after(() => child.kill('SIGKILL'))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const found = (): string => log
  const port = await until('it to listen', () => /listening healthPort=(\d+) metricsPort=\d+/.exec(log)?.[1], { found })
  await until('it to lead', () => / leading /.test(log) || undefined, { found })
  await until(
    'it to be ready',
    async () => {
      return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200 || undefined
    },
    { found },
  )
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null], log)
  assert.match(log, /leadership released[^]* stopped/)
  assert.doesNotMatch(log, / (WARN|ERROR) /)
  assert.deepEqual(await readdir(cwd), ['sei-k8s-controller.cdx.json', 'sei-k8s-controller.mjs'])
})
