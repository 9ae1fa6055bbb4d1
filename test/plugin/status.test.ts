/** `kubectl sei` shows nodes and pools: status, tree, logs, wait, version, completion, and errors. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import { SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { failing } from '../lifecycle/specs.ts'
import { withHeights } from './heights.ts'
import { PluginFixture } from './plugin-fixture.ts'
import { documentedRole } from './plugin-page.ts'

interface Row {
  readonly name: string
  readonly kind: string
  readonly ready: { readonly status: string; readonly reason: string; readonly isStalled: boolean }
  readonly height?: number
  readonly lag?: number
  readonly peers?: number
  readonly task?: { readonly name: string; readonly status: string }
  readonly nodes?: { readonly ready: number; readonly total: number }
  readonly heightUnknown?: string
}

suite('kubectl sei shows', { concurrency: 4 }, () => {
  let fixture: PluginFixture

  before(async () => {
    const tasks = failing('snapshot-restore', 99, 'NoSuchKey: latest.txt')
    fixture = await PluginFixture.open({
      node: { sidecarFor: ({ pod }) => (pod === 'broken-0' ? { tasks } : {}) },
    })
    const { base } = fixture.pools
    await Promise.all([fixture.pools.create('devnet', 4), base.create('rpc-0'), base.create('broken', SEVEN_TASKS)])
    await Promise.all([
      fixture.pools.untilReady('devnet'),
      base.untilRunning('rpc-0'),
      base.untilNode('broken', 'Failed', ({ status }) => status?.phase === 'Failed'),
    ])
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function rows(...args: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const { items }: { items: Row[] } = JSON.parse(
      await withHeights(() => fixture.output(['status', '-o', 'json', ...args])),
    )
    return new Map(items.map(row => [row.name, row]))
  }

  test('all nodes and pools with heights, lag and peers that each seid says now', async () => {
    const found = await rows()
    // Of another test.
    const names = [...found.keys()].filter(name => name !== 'watched')
    assert.deepEqual(names, ['devnet', 'devnet-0', 'devnet-1', 'devnet-2', 'devnet-3', 'broken', 'rpc-0'])
    assert.deepEqual(found.get('devnet')?.nodes, { ready: 4, total: 4 })
    for (const name of ['devnet-0', 'devnet-3']) {
      const { height = 0, lag, peers, ready } = found.get(name) ?? {}
      assert.ok(height > 0)
      assert.deepEqual({ near: (lag ?? 99) < 20, peers, ready: ready?.status }, { near: true, peers: 3, ready: 'True' })
    }
    const { ready, task, heightUnknown } = found.get('broken') ?? {}
    assert.deepEqual(ready, { status: 'False', reason: 'BootstrapFailed', isStalled: true })
    assert.deepEqual(task, { name: 'snapshot-restore', status: 'failed' })
    assert.equal(heightUnknown, 'seid does not run')
    const table = await withHeights(() => fixture.output(['status']))
    assert.match(table, /^NAME +KIND +CHAIN +PHASE +READY +HEIGHT +LAG +PEERS +TASK +DISK +IMAGE\ndevnet +pool /)
    assert.match(table, /\n└─ devnet-3 +validator +devnet-1 +Running +True +\d+ +\d+ +3 /)
    assert.match(table, /A person is needed: .*\(broken\)/)
    assert.ok(!table.includes('\u001b'), 'no colours in a pipe')
    assert.ok((await fixture.output(['status', '--color=always'])).includes('\u001b[31mStalled (BootstrapFailed)'))
  })

  test('what is wrong with a node comes first, with what to do, the plan and its error', async () => {
    const text = await fixture.output(['status', 'broken'])
    assert.match(text, /What is wrong\n {2}✗ Stalled BootstrapFailed for \d+s\n/)
    assert.match(text, / {2}✗ Initialized TaskFailed for \d+s\n {4}task snapshot-restore failed: NoSuchKey: latest.txt/)
    assert.match(
      text,
      /→ Correct the cause, then set the annotation sei\.io\/retry-plan.*\n {6}kubectl sei retry broken\n/,
    )
    assert.match(
      text,
      /Bootstrap failed, 0 of 7 tasks\n {2}✗ snapshot-restore +\d+s\n {6}NoSuchKey: latest.txt\n {2}· conf/,
    )
    assert.match(text, /Height +unknown: seid does not run/)
    assert.match(text, /Events\n.*\n(.*\n)*.*Warning +TaskFailed/)
  })

  test('a validator with its key, and a pool with its nodes', async () => {
    const node = await withHeights(() => fixture.output(['status', 'node/devnet-1']))
    assert.match(node, /Validator\n {2}Key +seivalcons1\w+\n {2}Address +[0-9A-F]{40}\n {2}Voting power +10\n/)
    assert.match(node, /Volume\n {2}Claim +data-devnet-1, Bound\n/)
    const pool = await fixture.output(['status', 'devnet'])
    assert.match(pool, /^SeiNodePool .*\/devnet\n/)
    assert.match(pool, /Nodes\n {2}NAME .*\n {2}devnet-0 /)
  })

  test('--watch prints what changes, until Ctrl-C', async () => {
    const { base } = fixture.pools
    await base.create('watched')
    const { code, stdout } = await fixture.run(['status', 'watched', '--watch'], {
      until: text => / Ready True Ready: /.test(text),
    })
    assert.equal(code, 0)
    const lines = stdout.split('\n').map(line => line.replace(/^\S+ /, ''))
    assert.equal(lines.filter(line => line.startsWith('SpecValid True')).length, 1, stdout)
    assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ phase Running$/m)
    await base.base.remove(seiNodes, 'watched')
  })

  test('the tree of a pool has its nodes with what each owns', async () => {
    const lines = (await fixture.output(['tree', 'pool/devnet'])).split('\n')
    assert.match(lines[0] ?? '', /^SeiNodePool\/devnet +Running, Ready$/)
    const shapes = new Set(lines.map(line => line.replace(/ {3,}\S.*$/, '').replaceAll(/\d/g, 'N')))
    for (const shape of [
      '├─ PersistentVolumeClaim/devnet-genesis-data',
      '├─ Job/devnet-genesis',
      '├─ SeiNode/devnet-N',
      '│  ├─ PersistentVolumeClaim/data-devnet-N',
      '│  ├─ StatefulSet/devnet-N',
      '│  │  └─ Pod/devnet-N-N',
      '│  └─ Service/devnet-N',
      '├─ NetworkPolicy/devnet',
      '└─ PodDisruptionBudget/devnet',
    ])
      assert.ok(shapes.has(shape), `${shape}:\n${lines.join('\n')}`)
    const ofNode = await fixture.output(['tree', 'rpc-0'])
    assert.match(ofNode, /^SeiNode\/rpc-0 +Running, Ready\n├─ PersistentVolumeClaim\/data-rpc-0 +Bound, /)
    assert.match(ofNode, /\n└─ Service\/rpc-0 +headless\n$/)
  })

  test('logs come from the container that matters', async () => {
    assert.match(await fixture.output(['logs', 'rpc-0']), /^seid of pod rpc-0-0 starts\n/)
    assert.match(await fixture.output(['logs', 'broken']), /^sei-sidecar of pod broken-0 starts\n/)
    assert.match(
      await fixture.output(['logs', 'rpc-0', 'init', '--tail', '1']),
      /^seid-init of pod rpc-0-0 has ended\n$/,
    )
    assert.match(await fixture.output(['logs', 'devnet']), /of pod devnet-(genesis|prep-\d)-\w+ has ended\n/)
    assert.match(await fixture.output(['logs', 'devnet-2', 'job']), /of pod devnet-prep-2-\w+ has ended\n/)
    const { code, stderr } = await fixture.run(['logs', 'devnet', 'seid'])
    assert.equal(code, 2)
    assert.match(stderr, /^error: a pool has no seid of its own: name one of its nodes, such as devnet-0/)
  })

  test('wait ends with 0 when the goal is reached, 3 when stalled, 4 at its timeout', async () => {
    assert.match(await fixture.output(['wait', 'devnet', '--for', 'ready']), /^devnet: Ready$/m)
    assert.match(await fixture.output(['wait', 'rpc-0', '--for', 'height=20']), /^rpc-0: height \d+$/m)
    assert.match(await fixture.output(['wait', 'broken', '--for', 'stalled']), /BootstrapFailed/)
    const stalled = await fixture.run(['wait', 'broken', '--for', 'ready'])
    assert.equal(stalled.code, 3)
    assert.match(stalled.stderr, /^stalled: SeiNode .*broken: BootstrapFailed: .*NoSuchKey/m)
    const late = await fixture.run(['wait', 'rpc-0', '--for', 'height=999999999', '--timeout', '20s'])
    assert.equal(late.code, 4)
    assert.match(late.stderr, /rpc-0: height \d+ of 999999999/)
    assert.equal((await fixture.run(['wait', 'rpc-0', '--for', 'everything'])).code, 2)
  })

  test('with the documented rights of one namespace everything can be seen', async () => {
    const KUBECONFIG = await fixture.kubeconfigOf('reader', documentedRole('kubectl-sei-viewer'))
    const options = { isBare: true, env: { KUBECONFIG } }
    const text = await withHeights(() => fixture.output(['status'], options))
    assert.match(text, /devnet-3 +validator +devnet-1 +Running +True +\d+ /)
    assert.ok(!(await fixture.output(['status', 'rpc-0'], options)).includes('Not shown'))
    await fixture.output(['tree', 'devnet'], options)
    await fixture.output(['logs', 'rpc-0'], options)
    const { code, stderr } = await fixture.run(['status', '--all-namespaces'], options)
    assert.equal(code, 1)
    assert.match(stderr, /^error: you may not list seinode(pool)?s.sei.io in all namespaces. Name a namespace with -n/)
    const pause = await fixture.run(['pause', 'rpc-0', '--yes'], options)
    assert.match(pause.stderr, /^error: you may not patch seinodes.sei.io in namespace \S+. Ask an administrator/m)
  })

  test('what may not be read is said, and the rest is shown', async () => {
    const role = documentedRole('kubectl-sei-viewer')
    const missing = new Set(['pods/portforward', 'events'])
    const rules = (role.rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs }) => {
      const left = resources.filter(name => !missing.has(name))
      return left.length === 0 ? [] : [{ apiGroups, resources: left, verbs }]
    })
    const options = { isBare: true, env: { KUBECONFIG: await fixture.kubeconfigOf('narrow', { ...role, rules }) } }
    const table = await fixture.output(['status'], options)
    assert.match(table, /Heights are missing: you may not create pods\/portforward in namespace/)
    const node = await fixture.output(['status', 'rpc-0'], options)
    assert.match(node, /Height +unknown: you may not create pods\/portforward in namespace/)
    assert.match(node, /Not shown\n {2}you may not read events in namespace/)
  })

  test('an error is one sentence that says what to do', async () => {
    const wrong = await fixture.run(['status', 'rpc-1'])
    assert.equal(wrong.code, 1)
    assert.equal(
      wrong.stderr,
      `error: there is no SeiNode or SeiNodePool rpc-1 in namespace ${fixture.namespace}: did you mean rpc-0?\n`,
    )
    const context = await fixture.run(['status', '--context', 'prod'])
    assert.match(context.stderr, /^error: kubeconfig .* prod .* Name a kubeconfig with --kubeconfig or KUBECONFIG\n$/)
    assert.equal(context.code, 1)
    const KUBECONFIG = await fixture.kubeconfigFor('http://127.0.0.1:1')
    const silent = await fixture.run(['status'], { env: { KUBECONFIG } })
    assert.match(silent.stderr, /^error: the API server does not answer \(kubeconfig .*\): .*ECONNREFUSED.* Check that/)
  })

  test('a cluster without the kinds is told from one without nodes', async t => {
    const body = { kind: 'Status', code: 404, reason: 'NotFound', message: 'the server could not find the resource' }
    const server = createServer((_, response) => response.writeHead(404).end(JSON.stringify(body)))
    t.after(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const KUBECONFIG = await fixture.kubeconfigFor(`http://127.0.0.1:${port}`)
    const { code, stderr } = await fixture.run(['status'], { env: { KUBECONFIG } })
    assert.equal(code, 1)
    assert.match(stderr, /^error: the cluster has no kinds of sei\.io \(.*\): install the operator with its CRDs/)
  })

  test('completion knows commands, options, their values and the names of objects', async () => {
    const complete = (...words: readonly string[]) => fixture.output(['__complete', '--', ...words], { isBare: true })
    assert.equal(await complete('re'), 'retry\nresume\nrestart\nreport\n')
    assert.equal(await complete('status', '-n', fixture.namespace, 'r'), 'rpc-0\n')
    assert.equal(await complete('status', '--out'), '--output\n')
    assert.equal(await complete('status', '-o', ''), 'json\nyaml\n')
    assert.equal(await complete('logs', '-n', fixture.namespace, 'rpc-0', 's'), 'seid\nsidecar\n')
  })
})
