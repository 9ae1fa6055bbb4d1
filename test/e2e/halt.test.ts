/** A network of four validators halts at a height, with real seid on a real kubelet: not one block more, whatever restarts. */
import assert from 'node:assert/strict'
import { before } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { pods } from '../../src/kube/resources.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import type { Observer } from './observer.ts'
import { NAMESPACE, type PoolFixture, say } from './pool-fixture.ts'
import { poolSuite } from './pool-suite.ts'

const RISE_MS = 90_000

const { step, open } = poolSuite()
let fixture: PoolFixture
let nodes: readonly string[]
let observer: Observer
let haltHeight = 0
/** By node: of the last block on its volume. */
let heights: readonly number[] = []

before(async () => {
  fixture = await open()
  nodes = fixture.nodeNames()
})

step('a pool gets a height while it runs, and halts there', async () => {
  await fixture.create(true)
  await fixture.untilRunning()
  observer = await fixture.observe('observer', nodes)
  await observer.untilAllRise(5, RISE_MS)
  haltHeight = await fixture.halt(observer)
  const halts = await Promise.all(nodes.map(haltOf))
  say(`halted at ${halts.map(halt => halt?.height ?? 'no height').join(', ')}`)
  const halted = halts.filter(halt => halt !== undefined)
  assert.ok(halted.length > 0)
  for (const halt of halted) assert.deepEqual(halt, { height: haltHeight, targetHeight: haltHeight })
})

step('pods that are deleted come back at the height, and their seid is not started', async () => {
  heights = await restartAll()
  say(`volumes are at ${heights.join(', ')}`)
  assert.equal(Math.max(...heights), haltHeight)
  // A validator that did not get the last block before the others ended stands below it.
  assert.ok(Math.min(...heights) >= haltHeight - 1)
  for (const [index, node] of nodes.entries()) {
    const pod = await fixture.pod(node)
    if (heights[index] === haltHeight) assert.equal(pod && containerOf(pod, 'seid')?.state?.running, undefined, node)
  }
})

step('sidecars that die at the height are not marked ready', async () => {
  for (const node of await haltedNodes()) {
    await fixture.endSidecar(node)
    await fixture.untilPod(node, 'a second sidecar', pod => {
      const sidecar = containerOf(pod, SIDECAR_CONTAINER)
      return sidecar?.restartCount === 1 && sidecar.state?.running !== undefined
    })
  }
  const later = await restartAll()
  assert.equal(Math.max(...later), haltHeight)
  for (const [index, height] of heights.entries()) assert.ok((later[index] ?? 0) >= height)
})

step('a network that is deleted and made again on its volumes stays at the height', async () => {
  await fixture.remove()
  await fixture.create(true, { haltHeight })
  await fixture.untilHalted()
  const later = await Promise.all(nodes.map(async node => heightOf(await fixture.pod(node))))
  assert.equal(Math.max(...later), haltHeight)
})

step('without the height the network goes on', async () => {
  await fixture.patch({ spec: { nodeConfiguration: { haltHeight: null } } })
  await fixture.untilRunning()
  await observer.untilAllRise(5, RISE_MS)
  assert.ok((await observer.height()) > haltHeight)
  await fixture.patch({ spec: { storage: { retainOnDelete: false } } })
})

async function haltOf(node: string): Promise<{ readonly height: number; readonly targetHeight: number } | undefined> {
  return (await fixture.cluster.client.get(seiNodes, { namespace: NAMESPACE, name: node }))?.status?.halt
}

async function haltedNodes(): Promise<readonly string[]> {
  const halts = await Promise.all(nodes.map(haltOf))
  return nodes.filter((_, index) => halts[index] !== undefined)
}

/** Deletes each pod. Resolves with the heights of the volumes, as the next pods report them. */
async function restartAll(): Promise<readonly number[]> {
  return Promise.all(
    nodes.map(async node => {
      const uid = (await fixture.pod(node))?.metadata?.uid ?? ''
      await fixture.cluster.client.delete(pods, { namespace: NAMESPACE, name: `${node}-0` }, { uid })
      const isNext = (pod: Pod): boolean =>
        pod.metadata?.uid !== uid && containerOf(pod, SIDECAR_CONTAINER)?.state?.running !== undefined
      return heightOf(await fixture.untilPod(node, 'another one, with a sidecar that runs', isNext))
    }),
  )
}

/** As the pod reported it when it started. */
function heightOf(pod: Pod | undefined): number {
  const message = (pod && containerOf(pod, HEIGHT_CONTAINER)?.state?.terminated?.message) ?? ''
  const height = /^height (\d+)/.exec(message)?.[1]
  assert.ok(height !== undefined, `the pod reports its height: ${message}`)
  return Number(height)
}
