/** The tasks that reach the sidecar, in order and with their parameters, for every kind of spec at once. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { parse } from 'yaml'
import { seiNodes } from '../../src/api/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { isRecurring, type PostedTask, postedTasks } from '../support/posted-tasks.ts'
import { newKey } from '../support/validator-key.ts'
import { BY_SPEC, SAMPLES } from './bootstrap-table.ts'
import type { SpecInput } from './living-node.ts'

const IMAGE = 'sei-protocol/seid:v6.4.0'
const SAMPLES_DIR = join(import.meta.dirname, '../../samples')

/** A SeiNode as in a manifest, without defaults. */
interface Manifest extends KubeObject {
  readonly spec: SpecInput
}
const manifests: Resource<Manifest> = seiNodes

suite('R11: the bootstrap of each kind of spec', () => {
  let fixture: OperatorFixture

  before(async () => {
    fixture = await OperatorFixture.open()
    await Promise.all(preparedClaims().map(name => prepare(fixture, name)))
    await Promise.all([
      ...Object.entries(BY_SPEC).map(([name, [spec]]) =>
        create(fixture, { metadata: { name }, spec: { image: IMAGE, ...spec } }),
      ),
      ...Object.keys(SAMPLES).map(async file =>
        create(fixture, parse(await readFile(join(SAMPLES_DIR, file), 'utf8'))),
      ),
    ])
    await untilAllRunning(fixture, Object.keys(BY_SPEC).length + Object.keys(SAMPLES).length)
  })
  after(() => fixture[Symbol.asyncDispose]())

  for (const [name, [, tasks]] of Object.entries(BY_SPEC)) {
    test(`R11: ${name}: ${tasks.map(([type]) => type).join(', ')}`, () => assertTasks(name, tasks))
  }
  for (const [file, [name, tasks]] of Object.entries(SAMPLES)) {
    test(`R10 R11 R13: ${file}: ${tasks.map(([type]) => type).join(', ')}`, () => assertTasks(name, tasks))
  }

  async function assertTasks(name: string, tasks: readonly PostedTask[]): Promise<void> {
    assert.deepEqual(postedTasks(fixture.node.sidecarOf(fixture.podKey(name))), tasks)
    assert.deepEqual(
      fixture.executedBy(name).filter(type => !isRecurring(type)),
      tasks.map(([type]) => type),
    )
    const plan = (await fixture.get(seiNodes, name))?.status?.initPlan
    assert.deepEqual(
      plan?.tasks.map(task => [task.type, task.status, task.attempt]),
      tasks.map(([type]) => [type, 'Complete', 1]),
    )
  }
})

function preparedClaims(): readonly string[] {
  return Object.values(BY_SPEC).flatMap(([{ genesis }]) => genesis?.pvc?.dataPVC ?? [])
}

/** A volume as the pool's prep Job leaves it. */
async function prepare(fixture: OperatorFixture, name: string): Promise<void> {
  const home = await fixture.prepareVolume(name)
  home.write('config/genesis.json', '{"chain_id":"devnet-7","app_state":{},"validators":[]}')
  home.write('config/priv_validator_key.json', newKey().json)
}

async function create({ client, namespace }: OperatorFixture, { metadata, spec }: Manifest): Promise<void> {
  const object = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', metadata: { ...metadata, namespace }, spec }
  await client.create(manifests, object)
}
