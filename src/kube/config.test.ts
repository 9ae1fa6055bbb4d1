/** The configuration is loaded from the sources of kubectl and controllers. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadClusterConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { nodes } from './resources.ts'
import { answer, scriptedServer } from './scripted-server.ts'

const CA = 'ca certificate'
let dir = ''

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
})
after(() => rm(dir, { recursive: true }))

async function file(name: string, content: string): Promise<string> {
  const path = join(dir, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

/** A kubeconfig of one context `name`, as YAML. */
function kubeconfig(name: string, user: string, cluster = ''): string {
  return `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{name: ${name}, context: {cluster: c-${name}, user: u-${name}, namespace: ns-${name}}}]
clusters: [{name: c-${name}, cluster: {server: 'https://${name}:6443'${cluster && `, ${cluster}`}}}]
users: [{name: u-${name}, user: {${user}}}]
`
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('a kubeconfig with a token and CA data needs nothing else', async () => {
  const path = await file('plain', kubeconfig('p', 'token: secret', `certificate-authority-data: ${base64(CA)}`))
  const config = await loadClusterConfig({ kubeconfig: path, env: {} })
  assert.equal(config.server, 'https://p:6443')
  assert.equal(config.namespace, 'ns-p')
  assert.deepEqual(config.tls, { ca: Buffer.from(CA) })
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer secret' })
  assert.equal(config.source, `kubeconfig ${path}, context p`)
})

test('a kubeconfig may be JSON, skip verification and name files beside it', async () => {
  await file('pki/client.crt', 'cert')
  await file('pki/client.key', 'key')
  const path = await file(
    'files',
    JSON.stringify({
      'current-context': 'other',
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        { name: 'c', cluster: { server: 'http://h', 'insecure-skip-tls-verify': true, 'tls-server-name': 'n' } },
      ],
      users: [{ name: 'u', user: { 'client-certificate': 'pki/client.crt', 'client-key': 'pki/client.key' } }],
    }),
  )
  const config = await loadClusterConfig({ kubeconfig: path, context: 'x', env: {} })
  assert.deepEqual(config.tls, {
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
    servername: 'n',
    rejectUnauthorized: false,
  })
  assert.deepEqual([config.server, config.namespace], ['http://h', 'default'])
  assert.deepEqual(await config.credentials.headers(), {})
})

test('a token file is read when asked for, and again when it is old', async () => {
  await file('token', 'one')
  const path = await file('with-token-file', kubeconfig('t', 'tokenFile: token'))
  let now = 0
  const config = await loadClusterConfig({ kubeconfig: path, env: {}, monotonic: () => now })
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer one' })
  await file('token', 'two')
  now = 60_000
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer two' })
})

test('an exec plugin is run for its token', async () => {
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'minted' },
  }
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: ['${JSON.stringify(credential)}']}`
  const path = await file('exec', kubeconfig('e', exec, `certificate-authority-data: ${base64(CA)}`))
  const config = await loadClusterConfig({ kubeconfig: path, env: {} })
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer minted' })
  assert.deepEqual(config.tls, { ca: Buffer.from(CA) })
  assert.deepEqual([config.server, config.namespace], ['https://e:6443', 'ns-e'])
})

test('an exec plugin is run again for a token that was refused, though the one it gave has not expired', async () => {
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"$(cat ${dir}/minted)"}}`
  const script = await file('plugin.sh', `cat <<END\n${credential}\nEND\n`)
  await file('minted', 'one')
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['${script}']}`
  const config = await loadClusterConfig({ kubeconfig: await file('exec-twice', kubeconfig('e', exec)), env: {} })
  const refused = await config.credentials.headers()
  await file('minted', 'two')
  config.credentials.refresh(refused)
  assert.deepEqual(refused, { authorization: 'Bearer one' })
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer two' })
})

test('basic authentication and plain http go through the library too', async () => {
  const path = await file('basic', kubeconfig('b', 'username: me, password: pw').replace('https:', 'http:'))
  const config = await loadClusterConfig({ kubeconfig: path, env: {} })
  assert.equal(config.server, 'http://b:6443')
  assert.deepEqual(await config.credentials.headers(), { authorization: `Basic ${base64('me:pw')}` })
})

test('a proxy named in the kubeconfig is the way that requests take', async () => {
  await using proxy = await scriptedServer((_, response) => answer(response, 200, { metadata: { name: 'a' } }))
  const path = await file(
    'proxied',
    kubeconfig('x', 'token: t', `proxy-url: '${proxy.config.server}'`).replace('https:', 'http:'),
  )
  const client = proxy.client({ config: await loadClusterConfig({ kubeconfig: path, env: {} }) })
  assert.deepEqual(await client.get(nodes, { name: 'a' }), { metadata: { name: 'a' } })
  assert.deepEqual(proxy.tunnels, ['x:6443'])
})

test('the files of KUBECONFIG are merged, the first wins, and those that are not there are passed over', async () => {
  const first = await file('first', kubeconfig('one', 'token: first'))
  const second = await file('second', kubeconfig('two', 'token: second'))
  const shadowed = await file('third', kubeconfig('one', 'token: shadowed'))
  const env = { KUBECONFIG: [join(dir, 'absent'), first, second, shadowed].join(':') }
  const current = await loadClusterConfig({ env })
  assert.deepEqual(await current.credentials.headers(), { authorization: 'Bearer first' })
  const other = await loadClusterConfig({ env, context: 'two' })
  assert.deepEqual(await other.credentials.headers(), { authorization: 'Bearer second' })
  assert.equal(other.server, 'https://two:6443')
})

test('in a pod the service account is used, unless a kubeconfig is named', async () => {
  await file('sa/token', 'pod-token\n')
  await file('sa/ca.crt', CA)
  await file('sa/namespace', 'sei-system')
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: dir }
  await file('.kube/config', kubeconfig('home', 'token: home'))
  const config = await loadClusterConfig({ env, serviceAccountDir: join(dir, 'sa') })
  assert.deepEqual(
    [config.server, config.namespace, config.tls],
    ['https://[fd00::1]:443', 'sei-system', { ca: Buffer.from(CA) }],
  )
  assert.deepEqual(await config.credentials.headers(), { authorization: 'Bearer pod-token' })

  const named = await file('named', kubeconfig('n', 'token: named'))
  const chosen = await loadClusterConfig({ env: { ...env, KUBECONFIG: named }, serviceAccountDir: join(dir, 'sa') })
  assert.equal(chosen.server, 'https://n:6443')
  const atHome = await loadClusterConfig({ env: { HOME: dir } })
  assert.equal(atHome.server, 'https://home:6443')
})

test('what is missing is named', async () => {
  const plain = await file('some', kubeconfig('p', 'token: t'))
  const broken = await file('broken', '{"contexts": ')
  const inPod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  for (const [sources, message] of [
    [{ env: {} }, /no cluster to talk to: no --kubeconfig, no KUBECONFIG, not in a pod/],
    [{ env: { KUBECONFIG: '/nowhere/config' } }, /KUBECONFIG names \/nowhere\/config: no such file/],
    [{ env: {}, kubeconfig: '/nowhere/config' }, /kubeconfig \/nowhere\/config: ENOENT/],
    [{ env: {}, kubeconfig: broken }, /kubeconfig .*broken: .*JSON/],
    [{ env: {}, kubeconfig: plain, context: 'q' }, /kubeconfig .*some: context q does not exist; there are: p/],
    [{ env: inPod, serviceAccountDir: '/nowhere' }, /\/nowhere holds no usable token, ca.crt and namespace/],
  ] as const) {
    await assert.rejects(loadClusterConfig(sources), (error: unknown) => {
      assert(error instanceof ConfigError)
      assert.match(error.message, message)
      return true
    })
  }
})
