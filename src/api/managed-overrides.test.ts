/** Stored overrides and entrypoints that the API server refuses today are named, and no others. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusedHome } from './entrypoint-rules.ts'
import { MAX_NODE_OVERRIDES_SIZE, MAX_OVERRIDE_VALUE, MAX_POOL_OVERRIDES_SIZE } from './limits.ts'
import { refusedOverrides } from './managed-overrides.ts'
import { ENTRYPOINT_CASES, OVERRIDE_CASES } from './testdata/managed-cases.ts'

const facts = { chainId: 'pacific-1', sidecarPort: 7777, maxSize: MAX_POOL_OVERRIDES_SIZE }

describe('R1: of a stored SeiNode', () => {
  for (const { key, value, accepted } of OVERRIDE_CASES) {
    it(`${key}: ${JSON.stringify(value)} is ${accepted ? 'accepted' : 'named'}`, () => {
      const found = refusedOverrides({ [key]: value, 'logging.level': 'debug' }, facts)
      if (accepted) assert.deepEqual(found, [])
      else {
        assert.equal(found.length, 1)
        assert.match(found[0] ?? '', new RegExp(`^overrides: ${key.replaceAll('.', '[.]')} must `))
      }
    })
  }

  for (const { entrypoint, accepted } of ENTRYPOINT_CASES) {
    it(`entrypoint ${JSON.stringify(entrypoint)} is ${accepted ? 'accepted' : 'named'}`, () => {
      assert.equal(refusedHome(entrypoint) === undefined, accepted)
    })
  }

  it('the port of its own sidecar is taken', () => {
    const pprof = { 'network.rpc.pprof_listen_address': ':6060' }
    assert.deepEqual(refusedOverrides(pprof, facts), [])
    assert.equal(refusedOverrides(pprof, { ...facts, sidecarPort: 6060 }).length, 1)
  })

  it('overrides that are too large together are named', () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`a.k${i}`, 'x'.repeat(16_000)]))
    assert.equal(refusedOverrides(many, facts).length, 1)
    const within = { ...many, 'a.k16': 'x'.repeat(MAX_POOL_OVERRIDES_SIZE - 16 * 16_000) }
    assert.deepEqual(refusedOverrides(within, facts), [])
    const withPeers = { ...within, 'a.peers': 'x'.repeat(MAX_OVERRIDE_VALUE) }
    assert.deepEqual(refusedOverrides(withPeers, { ...facts, maxSize: MAX_NODE_OVERRIDES_SIZE }), [])
  })
})
