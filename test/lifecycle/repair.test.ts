/** What somebody does to the objects of a node by hand is undone. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { after, before, suite, test } from 'node:test'
import type { KubeObject } from '../../src/kube/types.ts'
import { untilAllRunning } from '../support/node-watch.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { REPAIRS, type Repair } from './repair-cases.ts'

suite(
  'an object of a node that was changed by hand is repaired, and the node runs again',
  { concurrency: true },
  () => {
    let fixture: OperatorFixture

    before(async () => {
      fixture = await OperatorFixture.open()
      await Promise.all(REPAIRS.map(({ name, spec }) => fixture.create(name, { ...GENESIS_SPEC, ...spec })))
      await untilAllRunning(fixture, REPAIRS.length)
    })
    after(() => fixture[Symbol.asyncDispose]())

    for (const repair of REPAIRS) test(`${repair.resource.kind}: ${repair.title}`, () => assertRepaired(repair))

    async function assertRepaired({ resource, name, prefix = '', damage, isRemoved }: Repair): Promise<void> {
      const key = fixture.key(`${prefix}${name}`)
      const whole = await fixture.client.get(resource, key)
      assert.ok(whole)
      await damage(fixture.client, key)
      const damaged = await fixture.client.get(resource, key)
      await until(
        `${resource.kind} ${key.name} to be as before`,
        async () => {
          const now = await fixture.client.get(resource, key)
          if (!now || (isRemoved && now.metadata?.uid === whole.metadata?.uid)) return undefined
          return isDeepStrictEqual(partsOf(now), partsOf(whole)) ? now : undefined
        },
        {
          found: async () => ({
            before: whole,
            damaged,
            now: await fixture.client.get(resource, key),
            log: fixture.operator.log,
          }),
        },
      )
      await fixture.untilRunning(name)
    }
  },
)

/** What the operator decides of an object. */
function partsOf(object: KubeObject & { readonly spec?: unknown }): object {
  const { labels = {}, ownerReferences, finalizers } = object.metadata ?? {}
  const ours = Object.entries(labels).filter(([key]) => key !== 'mine')
  return { spec: object.spec, labels: Object.fromEntries(ours), ownerReferences, finalizers }
}
