/** The image, as far as it can be had without a container engine: what the Dockerfile says, and the bundle run in the way that it says. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { OPERATOR_ACCOUNT } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import manifest from '../../package.json' with { type: 'json' }
import { loadClusterConfig } from '../../src/kube/config.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { OPERATOR_NODE_ARGS } from '../../testing/launch.ts'
import { bundleOperator } from '../../testing/operator-bundle.ts'
import { ROOT } from '../../testing/root.ts'
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
/** What `make build` makes. */
let built: string

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sei-image-'))
  const bin = join(root, 'nodejs/bin')
  const app = join(root, image.workdir)
  await Promise.all([mkdir(bin, { recursive: true }), mkdir(app, { recursive: true })])
  await copyFile(process.execPath, join(bin, 'node'))
  built = await mkdtemp(join(tmpdir(), 'sei-build-'))
  await bundleOperator(built)
  for (const file of ['sei-k8s-controller.mjs', 'sei-k8s-controller.cdx.json'])
    await copyFile(join(built, file), join(app, file))
  await chmod(join(app, 'sei-k8s-controller.mjs'), 0o444)
  for (const dir of [app, bin, join(root, 'nodejs'), root]) await chmod(dir, 0o555)
})
after(async () => {
  await chmod(root, 0o755)
  await chmod(join(root, image.workdir), 0o755)
  await chmod(join(root, 'nodejs'), 0o755)
  await chmod(join(root, 'nodejs/bin'), 0o755)
  await rm(root, { recursive: true })
  await rm(built, { recursive: true })
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
  assert.deepEqual(image.entrypoint, ['/nodejs/bin/node', ...OPERATOR_NODE_ARGS, '/app/sei-k8s-controller.mjs'])
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

/** What the list beside a bundle says is in it. */
async function bundledIn(program: string): Promise<readonly string[]> {
  const text = await readFile(join(built, `${program}.cdx.json`), 'utf8')
  const { components }: { readonly components: readonly { readonly name: string }[] } = JSON.parse(text)
  return components.map(({ name }) => name)
}

test('the lists of packages beside the bundles hold what is bundled, and nothing that only development needs', async () => {
  const [operator, plugin] = await Promise.all([bundledIn('sei-k8s-controller'), bundledIn('kubectl-sei')])
  const names = new Set([...operator, ...plugin])
  assert.deepEqual(
    Object.keys(manifest.dependencies).filter(name => !names.has(name)),
    [],
  )
  assert.deepEqual(
    Object.keys(manifest.devDependencies).filter(name => names.has(name)),
    [],
  )
})

test('the operator has no library that only kubectl-sei needs', async () => {
  const [operator, plugin] = await Promise.all([bundledIn('sei-k8s-controller'), bundledIn('kubectl-sei')])
  assert.deepEqual(
    plugin.filter(name => !operator.includes(name)),
    ['@hono/node-server', 'fflate', 'hono', 'htmx.org', 'isomorphic-ws', 'ws'],
  )
})

test('the bundle explains itself as the user of the image, without node_modules, a home or anything to write to', async () => {
  const [path, args] = command('--help')
  const { stdout, stderr } = await run(path, [...args], { cwd: join(root, image.workdir), env: {}, ...identity })
  assert.match(stdout, /^Usage: sei-k8s-controller /)
  assert.equal(stderr, '')
})

test('with the arguments of config/default the image starts, becomes ready, and ends in order at SIGTERM', async t => {
  const kubeconfig = join(await readableDirectory(t), 'kubeconfig')
  await copyFile(attachedControlPlane(process.env).operatorKubeconfigPath, kubeconfig)
  if (identity.uid !== undefined) await chown(kubeconfig, uid, gid)
  await startsAndEnds(t, (path, args) => {
    const cwd = join(root, image.workdir)
    return spawn(path, args, { cwd, env: { KUBECONFIG: kubeconfig }, ...identity })
  })
})

test('so it does in a pod, where it finds the API server and its token by what Kubernetes mounts', async t => {
  const trial = 'mount -t tmpfs tmpfs /run && setpriv --version'
  const isPossible = await run('unshare', ['--mount', 'sh', '-c', trial]).then(Boolean, () => false)
  if (identity.uid === undefined || !isPossible) return t.skip('only root can mount')
  const account = await readableDirectory(t)
  const plane = attachedControlPlane(process.env)
  const server = new URL((await loadClusterConfig({ kubeconfig: plane.kubeconfigPath, env: {} })).server)
  const { namespace, name } = OPERATOR_ACCOUNT
  await writeFile(join(account, 'token'), await kubectl(['create', 'token', name, '-n', namespace]))
  await writeFile(join(account, 'namespace'), namespace)
  await copyFile(join(plane.dir, 'certs/apiserver.crt'), join(account, 'ca.crt'))
  await startsAndEnds(t, (path, args) => {
    const env = [`KUBERNETES_SERVICE_HOST=${server.hostname}`, `KUBERNETES_SERVICE_PORT=${server.port}`]
    const somebody = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs']
    const asInPod = [...somebody, 'env', '-i', ...env, path, ...args]
    return spawn('unshare', ['--mount', 'sh', '-euc', MOUNT, account, ...asInPod], { cwd: join(root, image.workdir) })
  })
})

/** `$0` becomes what the kubelet mounts in every pod; then runs the rest. */
const MOUNT = `
mount -t tmpfs tmpfs /run
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp "$0"/* /var/run/secrets/kubernetes.io/serviceaccount
exec "$@"
`

async function readableDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sei-account-'))
  t.after(() => rm(dir, { recursive: true }))
  await chmod(dir, 0o755)
  return dir
}

async function startsAndEnds(
  t: TestContext,
  start: (path: string, args: readonly string[]) => ChildProcess,
): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/crd')])
  const namespace = `image-${randomUUID().slice(0, 8)}`
  await kubectl(['create', 'namespace', namespace])
  t.after(() => kubectl(['delete', 'namespace', namespace, '--wait=false']))
  const [manager] = (await render('config/default')).only('Deployment').spec?.template.spec?.containers ?? []
  const given = (manager?.args ?? []).map(text =>
    text.replace('$(POD_NAMESPACE)', namespace).replace(/=:\d+$/, '=127.0.0.1:0'),
  )
  const child = start(...command(...given, `--namespaces=${namespace}`, '--log-format=text'))
  t.after(() => child.kill('SIGKILL'))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const found = (): string => log
  const port = await until('it to listen', () => /listening healthPort=(\d+) metricsPort=\d+/.exec(log)?.[1], { found })
  await until('it to lead', () => / leading /.test(log) || undefined, { found })
  const probe = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200 || undefined
  await until('it to be ready', probe, { found })
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null], log)
  assert.match(log, /leadership released[^]* stopped/)
  assert.doesNotMatch(log, / (WARN|ERROR) /)
  assert.deepEqual(await readdir(join(root, image.workdir)), ['sei-k8s-controller.cdx.json', 'sei-k8s-controller.mjs'])
}
