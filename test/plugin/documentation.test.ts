/** docs/kubectl-plugin.md shows what the commands print. UPDATE_GOLDEN=1 writes it again. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { SETTINGS_CONFIG_MAP } from '../../src/api/names.ts'
import { VERSION } from '../../src/cli/version.ts'
import { configMaps, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { conditionOf, GENESIS_SPEC } from '../support/operator-fixture.ts'
import { SLOW_START } from '../support/slowness.ts'
import { until } from '../support/until.ts'
import { failing } from '../lifecycle/specs.ts'
import { withHeights } from './heights.ts'
import { PluginFixture } from './plugin-fixture.ts'
import { documentedFile, PAGE } from './plugin-page.ts'

const GIB = 1024 ** 3
/** What a busy machine adds to the events of an object. */
const SLOW_EVENT = new RegExp(`^ +\\S+ +\\w+ +(${[...SLOW_START, 'Following'].join('|')}) .*\n`, 'gm')
const BLOCK = /^```console\n(.*?)^```$/gms

let fixture: PluginFixture
/** UID of the claim that validator-0 has lost. */
let lost = ''

before(async () => {
  const tasks = failing('snapshot-restore', 1, 'snapshot-restore: reading latest.txt: NoSuchKey')
  fixture = await PluginFixture.open({
    node: { sidecarFor: ({ pod }) => (pod === 'rpc-1-0' ? { tasks } : {}) },
    operator: { args: ['--volume-interval=10', '--kubelet-insecure-tls'] },
  })
  const { base } = fixture.pools
  await Promise.all([
    fixture.pools.create('devnet', 4),
    base.create('rpc-0'),
    base.create('rpc-1', SEVEN_TASKS),
    base.create('validator-0', { ...GENESIS_SPEC, mode: 'validator' }),
  ])
  await Promise.all([
    fixture.pools.untilReady('devnet'),
    base.untilRunning('rpc-0'),
    base.untilRunning('validator-0'),
    base.untilNode('rpc-1', 'Failed', ({ status }) => status?.phase === 'Failed'),
  ])
  await Promise.all(
    [0, 1, 2, 3]
      .map(at => `devnet-${at}`)
      .concat('rpc-0', 'rpc-1')
      .map(async (name, at) => {
        const usedBytes = (300 + 50 * at) * GIB
        fixture.pools.node.setVolumeUse(base.key(`data-${name}`), { usedBytes, capacityBytes: 1000 * GIB })
        await base.untilNode(name, 'its volume is measured', ({ status }) => status?.dataVolume?.use !== undefined)
      }),
  )
  await Promise.all([
    fixture.pools.untilEvent('devnet', 'NetworkReady'),
    ...['devnet-0', 'rpc-0', 'validator-0'].map(name => base.untilEvent(name, 'PlanComplete')),
    base.untilEvent('rpc-1', 'TaskFailed'),
  ])
  const data = {
    version: VERSION,
    SEI_OPERATOR_IMAGE: `ghcr.io/sei-protocol/sei-k8s-controller:v${VERSION}`,
    SEI_NODEPOOL_NAME: fixture.nodePool,
  }
  await fixture.pools.client.create(configMaps, { metadata: base.key(SETTINGS_CONFIG_MAP), data })
  lost = (await base.get(persistentVolumeClaims, 'data-validator-0'))?.metadata?.uid ?? ''
  await base.base.remove(persistentVolumeClaims, 'data-validator-0')
  await base.base.remove(pods, 'validator-0-0')
  await until('validator-0 to wait for consent', async () => {
    const node = await base.untilNode('validator-0', 'there', () => true)
    return conditionOf(node, 'Stalled')?.reason === 'VolumeReplaced' || undefined
  })
})
after(() => fixture[Symbol.asyncDispose]())

/** With the names that the page has. */
function named(text: string): string {
  return text
    .replaceAll(fixture.namespace, 'sei')
    .replaceAll(/plugin-[0-9a-f]{8}-\d/g, 'machine-0')
    .replaceAll(lost, 'UID')
}

/** Without what differs from run to run: durations, heights, identifiers, hashes and the width of columns. */
function comparable(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b[0-9a-fA-F]{16,}\b/g, 'HASH')
    .replaceAll(/valcons1\w+/g, 'valcons1')
    .replaceAll(/(genesis|prep-\d)-[a-z0-9]{5}\b/g, '$1-POD')
    .replaceAll(/allows \d/g, 'allows N')
    .replaceAll(SLOW_EVENT, '')
    .replaceAll(/\b\d+[smh](\d+s)?\b/g, 'AGE')
    .replaceAll(/(True +)\d+ +(\d+|-)/g, '$1HEIGHT LAG')
    .replaceAll(/([Hh]eight +)\d+/g, '$1N')
    .replaceAll(/ +/g, ' ')
}

/** The path of a file that the page shows; any other word as it is. */
async function pathOf(word: string): Promise<string> {
  return word.endsWith('.yaml') ? fixture.file(word, documentedFile(word)) : word
}

async function shown(block: string): Promise<string> {
  const commands = block.split('\n').filter(line => line.startsWith('$ '))
  let text = ''
  for (const command of commands) {
    const words = command.replace('$ kubectl sei ', '').replace('UID', lost).split(' ')
    const args = await Promise.all(words.map(pathOf))
    const output = (): Promise<string> => fixture.output(args)
    text += `${command}\n${named(await (args[0] === 'status' ? withHeights(output) : output()))}`
  }
  return text
}

test('docs/kubectl-plugin.md shows what its commands print', async () => {
  const page = await readFile(PAGE, 'utf8')
  const blocks = [...page.matchAll(BLOCK)].map(([, text = '']) => text)
  assert.ok(blocks.length >= 10, `found ${blocks.length}`)
  // In the order of the page: actions change what is shown.
  const found: string[] = []
  for (const block of blocks) found.push(await shown(block))
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const rest = found.values()
    await writeFile(
      PAGE,
      page.replaceAll(BLOCK, () => `\`\`\`console\n${rest.next().value ?? ''}\`\`\``),
    )
    return
  }
  assert.deepEqual(found.map(comparable), blocks.map(comparable))
})
