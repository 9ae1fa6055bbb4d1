/** Every release is told by its behaviour alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PROFILES } from '../../testing/fakes/sidecar/index.ts'
import { fingerprint } from './fingerprint.ts'
import { launchFake, VARIABLES } from './subject.ts'

for (const tag of PROFILES) {
  // Nothing on the wire tells v0.0.66 and v0.0.70 apart.
  const expected = tag === 'v0.0.70' ? 'v0.0.66' : tag
  test(`${tag} is recognised as ${expected}`, async () => {
    assert.equal(await fingerprint(variables => launchFake(tag, variables), VARIABLES), expected)
  })
}
