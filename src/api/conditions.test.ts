/** Conditions and reasons are described, and spelled as Kubernetes spells them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NODE_CONDITIONS, NODE_REASONS, POOL_CONDITIONS, POOL_REASONS } from './conditions.ts'
import { MAX_NODE_NAME, MAX_POOL_NAME, MAX_POOL_NODES } from './limits.ts'
import type { Reason } from './reason.ts'

type Reasons = Readonly<Record<string, Readonly<Record<string, Reason>>>>

const kinds: readonly (readonly [string, Readonly<Record<string, string>>, Reasons])[] = [
  ['SeiNode', NODE_CONDITIONS, NODE_REASONS],
  ['SeiNodePool', POOL_CONDITIONS, POOL_REASONS],
]

for (const [kind, conditions, reasons] of kinds) {
  describe(`the conditions of a ${kind}`, () => {
    it('are described, each of them', () => {
      assert.deepEqual(Object.keys(conditions).toSorted(), Object.keys(reasons).toSorted())
    })

    it('have a reason for True and one for another status', () => {
      for (const [type, ofType] of Object.entries(reasons)) {
        const statuses = new Set(Object.values(ofType).map(({ status }) => status))
        assert.ok(statuses.has('True') && statuses.size > 1, type)
      }
    })

    it('have reasons in CamelCase whose texts are sentences', () => {
      for (const [type, ofType] of Object.entries(reasons)) {
        for (const [name, { meaning, whatToDo }] of Object.entries(ofType)) {
          assert.match(name, /^([A-Z][a-z]+)+$/, type)
          assert.match(meaning, /^[A-Zs].*\.$/, `${type} ${name}`)
          assert.match(whatToDo, /^([A-Z].*\.)?$/, `${type} ${name}`)
        }
      }
    })
  })
}

it("a pool's longest node name is one that a SeiNode may have", () => {
  assert.equal(MAX_POOL_NAME + `-${MAX_POOL_NODES - 1}`.length, MAX_NODE_NAME)
})
