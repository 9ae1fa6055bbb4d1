/** `kubectl sei report` writes a zip file that has what a bug report needs, and no secret. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { strFromU8, unzipSync } from 'fflate'
import { SETTINGS_CONFIG_MAP } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { configMaps, deployments, events, pods, secrets } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { PluginFixture } from './plugin-fixture.ts'
import { documentedRole } from './plugin-page.ts'

const random = (): string => randomBytes(24).toString('base64url').replaceAll(/[-_]/g, '0')
const words = [
  'zebra',
  'youth',
  'yellow',
  'wrist',
  'wolf',
  'winter',
  'whale',
  'wealth',
  'volume',
  'violin',
  'velvet',
  'vault',
]

/** What must not be in a report, by where it is. */
const PLANTED = {
  secret: random(),
  privateKey: randomBytes(64).toString('base64'),
  mnemonic: words.join(' '),
  bearer: random(),
  awsSecret: random(),
  awsID: 'AKIAIOSFODNN7EXAMPLE',
  jwt: `eyJhbGciOiJSUzI1NiJ9.${random()}.${random()}`,
  urlPassword: random(),
  signature: random(),
  pem: randomBytes(48).toString('base64'),
  variable: random(),
  argument: random(),
  lastApplied: random(),
  settings: random(),
  metric: random(),
}

const LOG = [
  'seid starts',
  `{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"${PLANTED.privateKey}"}}`,
  `\u001B[36mphrase=\u001B[0m${PLANTED.mnemonic}`,
  `GET https://sei:${PLANTED.urlPassword}@rpc.example/status`,
  `Authorization: Bearer ${PLANTED.bearer}`,
  `aws_access_key_id=${PLANTED.awsID} aws_secret_access_key=${PLANTED.awsSecret}`,
  `downloading https://b.s3.amazonaws.com/snapshot.tar?X-Amz-Date=1&X-Amz-Signature=${PLANTED.signature}`,
  `service account ${PLANTED.jwt}`,
  `-----BEGIN PRIVATE KEY-----\n${PLANTED.pem}\n-----END PRIVATE KEY-----`,
  'height=42 the last line',
].join('\n')

suite('kubectl sei report', { concurrency: 2 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'sei-report-'))
  const metrics = createServer((_, response) => response.end(`sei_x{url="https://a:${PLANTED.metric}@b"} 1\n`))
  let fixture: PluginFixture

  before(async () => {
    fixture = await PluginFixture.open({ node: { logOf: () => LOG } })
    const { base, client, node } = fixture.pools
    await Promise.all([fixture.pools.create('devnet', 1), base.create('rpc-0')])
    await Promise.all([fixture.pools.untilReady('devnet'), base.untilRunning('rpc-0')])
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': PLANTED.lastApplied }
    const type = 'merge'
    await client.patch(seiNodes, base.key('rpc-0'), { metadata: { annotations } }, { type })
    await client.create(secrets, {
      metadata: base.key('key'),
      stringData: { 'priv_validator_key.json': PLANTED.secret },
    })
    const data = { version: '1.2.3', SEI_RPC_TOKEN: PLANTED.settings }
    await client.create(configMaps, { metadata: base.key(SETTINGS_CONFIG_MAP), data })
    const operator = operatorPod(fixture.namespace, node.nodeNames.sei[0])
    await client.create(pods, operator)
    await client.create(deployments, {
      metadata: { ...operator.metadata, name: 'operator' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'none' } },
        template: { metadata: { labels: { app: 'none' } }, ...(operator.spec && { spec: operator.spec }) },
      },
    })
    await client.create(events, {
      metadata: base.key('planted'),
      involvedObject: { kind: 'SeiNode', name: 'rpc-0', namespace: fixture.namespace },
      reason: 'Planted',
      message: `the peer https://sei:${PLANTED.urlPassword}@rpc.example refused`,
      lastTimestamp: new Date().toISOString(),
    })
    const host = await until('the pod of the operator to run', async () => {
      const pod = await base.get(pods, 'operator-0')
      return pod?.status?.phase === 'Running' ? pod.status.podIP : undefined
    })
    metrics.listen(8080, host)
    await once(metrics, 'listening')
  })
  after(async () => {
    metrics.close()
    rmSync(home, { recursive: true })
    await fixture[Symbol.asyncDispose]()
  })

  async function report(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const path = join(home, name)
    const stdout = await fixture.output(['report', ...args, '-o', path], { env })
    const files = Object.entries(unzipSync(await readFile(path))).map(([file, bytes]) => {
      const [, ...rest] = file.split('/')
      return [rest.join('/'), strFromU8(bytes)] as const
    })
    return { path, stdout, files: new Map(files) }
  }

  test('a namespace: everything of Sei and of the operator, and no secret', async () => {
    const { path, stdout, files } = await report('all.zip', [])
    assertNoSecrets([...files, ['standard output', stdout]])
    for (const file of [
      'README.txt',
      'status.txt',
      'events.txt',
      'versions.yaml',
      'manifests/seinodepools/devnet.yaml',
      'manifests/seinodes/devnet-0.yaml',
      'manifests/seinodes/rpc-0.yaml',
      'manifests/statefulsets/rpc-0.yaml',
      'manifests/pods/rpc-0-0.yaml',
      'manifests/services/rpc-0.yaml',
      'manifests/networkpolicies/devnet.yaml',
      'manifests/poddisruptionbudgets/devnet.yaml',
      'manifests/jobs/devnet-genesis.yaml',
      'manifests/persistentvolumeclaims/data-rpc-0.yaml',
      'logs/rpc-0-0/seid.log',
      'logs/rpc-0-0/sei-sidecar.log',
      'logs/rpc-0-0/seid-init.log',
      `operator/${fixture.namespace}/manifests/configmaps/sei-k8s-controller-settings.yaml`,
      `operator/${fixture.namespace}/manifests/deployments/operator.yaml`,
      `operator/${fixture.namespace}/logs/operator-0/manager.log`,
      `operator/${fixture.namespace}/metrics/operator-0.txt`,
    ])
      assert.ok(files.has(file), `${file}: ${[...files.keys()].join('\n')}`)
    assert.ok([...files.keys()].some(file => file.startsWith('manifests/persistentvolumes/')))
    assert.ok(![...files.keys()].some(file => file.includes('/secrets/')))
    assert.match(files.get('logs/rpc-0-0/seid.log') ?? '', /^seid starts\n.*height=42 the last line\n$/s)
    assert.match(files.get('status.txt') ?? '', /\nrpc-0 +full /)
    assert.match(
      files.get('events.txt') ?? '',
      /SeiNode\/rpc-0 +Planted +1 +the peer https:\/\/\[redacted\]@rpc\.example/,
    )
    assert.match(
      files.get('versions.yaml') ?? '',
      /operator:\n {2}version: 1\.2\.3\n(.*\n)*kubernetes:\n(.*\n)* {2}gitVersion: v1/,
    )
    assert.doesNotMatch(files.get('manifests/seinodes/rpc-0.yaml') ?? '', /managedFields|last-applied/)
    assert.match(stdout, /^Report: .*all\.zip \(\d+ KiB\)\n/)
    assert.match(stdout, /\n\d+ values that looked secret were replaced by \[redacted\]\.\n/)
    assert.match(stdout, /\nLook through it before you send it: /)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  test('one node: its own objects and those of its pool', async () => {
    const { files } = await report('node.zip', ['devnet-0'])
    const manifests = [...files.keys()].filter(file => file.startsWith('manifests/'))
    assert.ok(!manifests.some(file => file.includes('rpc-0')), manifests.join('\n'))
    for (const file of ['seinodes/devnet-0', 'seinodepools/devnet', 'jobs/devnet-prep-0', 'pods/devnet-0-0'])
      assert.ok(manifests.includes(`manifests/${file}.yaml`), manifests.join('\n'))
    assertNoSecrets(files)
  })

  test('what may not be read is listed with the reason, and Secrets are never asked for', async () => {
    const KUBECONFIG = await fixture.kubeconfigOf('reporter', documentedRole('kubectl-sei-viewer'))
    const { stdout, files } = await report('narrow.zip', ['rpc-0'], { KUBECONFIG })
    const missing = files.get('unreadable.txt') ?? ''
    assert.match(missing, /^persistentvolumes \S+: you may not get persistentvolumes/m)
    assert.match(
      missing,
      /^Deployment of the operator in namespace .*: you may not list deployments\.apps in namespace/m,
    )
    assert.doesNotMatch(missing, /secret/i)
    assert.ok(stdout.includes(missing.split('\n')[0] ?? 'nothing'))
    assert.ok(files.has('logs/rpc-0-0/seid.log'))
  })

  test('a file that exists is not replaced, and a report that fails leaves none', async () => {
    await report('once.zip', ['rpc-0'])
    const again = await fixture.run(['report', 'rpc-0', '-o', join(home, 'once.zip')])
    assert.equal(again.code, 1)
    assert.match(again.stderr, /^error: .*once\.zip exists already: name another file with -o\n$/m)
    const other = await fixture.run(['report', 'rpc-9', '-o', join(home, 'failed.zip')])
    assert.equal(other.code, 1)
    assert.ok(!(await readdir(home)).includes('failed.zip'))
  })
})

function assertNoSecrets(texts: Iterable<readonly [string, string]>): void {
  for (const [file, text] of texts)
    for (const [where, secret] of Object.entries(PLANTED)) assert.ok(!text.includes(secret), `${where} is in ${file}`)
}

function operatorPod(namespace: string, nodeName: string | undefined): Pod {
  return {
    metadata: { name: 'operator-0', namespace, labels: { 'app.kubernetes.io/name': 'sei-k8s-controller' } },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'manager',
          image: 'registry.example/operator:v1.2.3',
          args: ['manager', '--metrics-secure=false', '--api-token', PLANTED.argument],
          env: [{ name: 'RPC_PASSWORD', value: PLANTED.variable }],
          ports: [{ name: 'metrics', containerPort: 8080 }],
        },
      ],
    },
  }
}
