/** kubectl wait, Flux (kstatus) and Argo CD (its Lua health check) read the same from SeiNodes and SeiNodePools. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { LuaFactory } from 'wasmoon'
import { parse } from 'yaml'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { findCondition } from '../../src/lib/conditions.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { kstatusOf } from '../support/kstatus.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const MISSING = 'registry.example.com/does-not-exist:v1'

let fixture: OperatorFixture

before(async () => {
  fixture = await OperatorFixture.open({ started: false })
})
after(() => fixture[Symbol.asyncDispose]())

/** What Argo CD shows, by the script that `config/argocd` gives it. */
async function argoHealth(kind: 'SeiNode' | 'SeiNodePool', object: object): Promise<string> {
  const { data }: { data: Record<string, string> } = parse(readFileSync(`${ROOT}/config/argocd/health.yaml`, 'utf8'))
  const lua = await new LuaFactory().createEngine()
  try {
    lua.global.set('obj', object)
    const health: { readonly status: string } = await lua.doString(
      data[`resource.customizations.health.sei.io_${kind}`] ?? '',
    )
    return health.status
  } finally {
    lua.global.close()
  }
}

/** What both say of the SeiNode. */
async function read(name: string): Promise<readonly string[]> {
  const node = await fixture.get(seiNodes, name)
  assert.ok(node)
  return [kstatusOf(node), await argoHealth('SeiNode', node)]
}

function wait(name: string, condition: string, timeoutS = 60): Promise<string> {
  const { namespace } = fixture
  return kubectl(['wait', `seinode/${name}`, '-n', namespace, `--for=condition=${condition}`, `--timeout=${timeoutS}s`])
}

test('an object that no operator has seen is in progress', async () => {
  await fixture.create('new', GENESIS_SPEC)
  assert.deepEqual(await read('new'), ['InProgress', 'Progressing'])
  assert.equal((await fixture.get(seiNodes, 'new'))?.status?.observedGeneration, -1)
  const pool = await fixture.client.create(seiNodePools, {
    metadata: fixture.key('net'),
    spec: {
      chainId: 'devnet-1',
      nodeConfiguration: { nodeCount: 1, image: MISSING },
    },
  })
  assert.equal(kstatusOf(pool), 'InProgress')
  assert.equal(await argoHealth('SeiNodePool', pool), 'Progressing')
})

test('a node goes from progress to failure, to health and to a pause, and all tools say the same', async () => {
  fixture.operator.start()
  await fixture.create('life', { ...GENESIS_SPEC, image: MISSING })
  await wait('life', 'Stalled=true')
  assert.deepEqual(await read('life'), ['Failed', 'Degraded'])

  await fixture.patch('life', { spec: { image: GENESIS_SPEC.image } })
  await wait('life', 'Stalled=false')
  await wait('life', 'Ready')
  assert.deepEqual(await read('life'), ['Current', 'Healthy'])

  // As during a rollout of another version of the operator.
  const ready = await fixture.get(seiNodes, 'life')
  const conditions = ready?.status?.conditions?.map(each =>
    each.type === 'Reconciling' ? Object.assign({}, each, { status: 'True' }) : each,
  )
  const waiting = {
    ...ready,
    metadata: ready?.metadata ?? {},
    status: { ...ready?.status, conditions: conditions ?? [] },
  }
  assert.equal(kstatusOf(waiting), 'InProgress')
  assert.equal(await argoHealth('SeiNode', waiting), 'Progressing')

  await fixture.patch('life', { spec: { paused: true } })
  await wait('life', 'Paused')
  assert.deepEqual(await read('life'), ['InProgress', 'Suspended'])
  await wait('life', 'Stalled=false')

  await fixture.patch('life', { spec: { paused: false } })
  await wait('life', 'Ready')
  assert.deepEqual(await read('life'), ['Current', 'Healthy'])
})

test('a pool whose Job cannot start is failed for all tools, with the reason', async () => {
  const pool = await until('the pool to be Stalled', async () => {
    const found = await fixture.get(seiNodePools, 'net')
    return findCondition(found?.status?.conditions, 'Stalled')?.status === 'True' ? found : undefined
  })
  assert.equal(kstatusOf(pool), 'Failed')
  assert.equal(await argoHealth('SeiNodePool', pool), 'Degraded')
})

test('a node under way is in progress', async () => {
  await fixture.create('far', { ...GENESIS_SPEC, resources: { requests: { cpu: '100000' } } })
  await wait('far', 'Reconciling')
  assert.deepEqual(await read('far'), ['InProgress', 'Progressing'])
})
