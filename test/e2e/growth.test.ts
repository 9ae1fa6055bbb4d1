/** A real seid that stops because its disk is full, on a volume that grows by itself. */
import assert from 'node:assert/strict'
import { before } from 'node:test'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { findCondition } from '../../src/lib/conditions.ts'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { LIMITED_CLASS } from '../../testing/realcluster/local-volumes.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { images } from './cluster.ts'
import { addOperatorFlag } from './install.ts'
import { NAMESPACE, POOL, type PoolFixture, say } from './pool-fixture.ts'
import { poolSuite } from './pool-suite.ts'
import { runToolPod, signalSeid } from './tool-pods.ts'

const NODE = `${POOL}-0`
const CLAIM = `data-${NODE}`
/** A pod that sees the processes of the machine. */
const MACHINE = { namespace: NAMESPACE, name: 'machine' }
const START_MS = 5 * 60_000

const { step, open } = poolSuite()
let fixture: PoolFixture

before(async () => {
  fixture = await open()
  // The kubelet's certificate is its own.
  await addOperatorFlag(fixture.cluster, '--kubelet-insecure-tls')
  await addOperatorFlag(fixture.cluster, '--volume-interval=10')
  await runToolPod(fixture.cluster, { ...MACHINE, hostPID: true })
})

step('a validator runs on a volume of 1Gi, which its kubelet reports', async () => {
  await fixture.cluster.client.create(seiNodePools, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNodePool',
    metadata: { namespace: NAMESPACE, name: POOL },
    spec: {
      chainId: 'growing-1',
      nodeConfiguration: { nodeCount: 1, image: images.seid },
      storage: {
        retainOnDelete: false,
        size: '1Gi',
        storageClassName: LIMITED_CLASS,
        autoGrow: { whenUsedPercent: 80, by: '100%', maxSize: '2Gi', coolDown: '6h' },
      },
    },
  })
  await fixture.until('to be Running', pool => pool?.status?.phase === 'Running', START_MS)
  await untilGrowth('BelowThreshold', /it grows from 1Gi to 2Gi when 80 % are in use/)
})

step('the disk is full while the pool is paused: seid does not start, and nothing grows', async () => {
  await fixture.patch({ spec: { paused: true } })
  await untilGrowth('NotChecked', /paused/)
  const earlier = await restarts()
  const [, available] =
    /tmpfs +\d+ +\d+ +(\d+)/.exec(await inPod('cat /dev/zero >/sei/ballast 2>/dev/null; df -P /sei')) ?? []
  assert.equal(available, '0')
  await signalSeid(fixture.cluster, MACHINE, (await fixture.pod(NODE))?.metadata?.uid ?? '', 'KILL')
  await until('seid to have ended again', async () => ((await restarts()) > earlier + 1 ? true : undefined), {
    deadlineMs: START_MS,
    intervalMs: 1000,
    found: () => fixture.pod(NODE),
  })
  const seid = await seidStatus()
  const { exitCode } = seid?.state?.terminated ?? seid?.lastState?.terminated ?? {}
  say(`seid ended with ${exitCode}, as it could not write`)
  assert.ok(exitCode !== undefined && exitCode !== 0 && exitCode !== 137)
  assert.equal(await requested(), '1Gi')
})

step(
  'resumed, the pool asks for more, the mounted file system grows, and the seid that had stopped runs again',
  async () => {
    await fixture.patch({ spec: { paused: false } })
    const resumedAt = Date.now()
    await until('the claim to ask for more', async () => ((await requested()) === '2Gi' ? true : undefined), {
      deadlineMs: START_MS,
      intervalMs: 1000,
      found: () => fixture.get(),
    })
    const pod = (await fixture.pod(NODE))?.metadata?.uid
    await until('seid to be ready', async () => ((await seidStatus())?.ready === true ? true : undefined), {
      deadlineMs: START_MS,
      intervalMs: 1000,
      found: () => fixture.pod(NODE),
    })
    say(`seid was ready ${((Date.now() - resumedAt) / 1000).toFixed(0)} s after the pool was resumed`)
    assert.equal((await fixture.pod(NODE))?.metadata?.uid, pod, 'in the same pod')
    await untilGrowth('MaxSizeReached', /data-devnet-0 has 2Gi, and does not grow above/)
    const node = await fixture.cluster.client.get(seiNodes, { namespace: NAMESPACE, name: NODE })
    assert.equal(node?.status?.dataVolume?.growths, 1)
    const [, blocks] = /tmpfs +(\d+)/.exec(await inPod('df -P /sei')) ?? []
    assert.equal(Number(blocks), 2 * 1024 * 1024)
  },
)

function inPod(script: string): Promise<string> {
  return fixture.cluster.exec(NAMESPACE, `${NODE}-0`, SIDECAR_CONTAINER, ['sh', '-c', script])
}

async function seidStatus() {
  const pod = await fixture.pod(NODE)
  return pod && containerOf(pod, SEID_CONTAINER)
}

async function restarts(): Promise<number> {
  return (await seidStatus())?.restartCount ?? 0
}

async function requested(): Promise<string | undefined> {
  const claim = await fixture.cluster.client.get(persistentVolumeClaims, { namespace: NAMESPACE, name: CLAIM })
  return claim?.spec?.resources?.requests?.['storage']
}

async function untilGrowth(reason: string, message: RegExp): Promise<void> {
  await fixture.until(`VolumeGrowth ${reason}`, pool => {
    const found = findCondition(pool?.status?.conditions, 'VolumeGrowth')
    return found?.reason === reason && message.test(found.message)
  })
}
