/** Which image and overrides a node runs, by its spec and its record. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Upgrade } from '../api/upgrades.ts'
import { at5, spec, v5, v6 } from './testdata/upgrades.ts'
import { effectiveSpec, effectiveUpgrade, isKnownToStop } from './upgrades.ts'

suite('the image and the overrides of a node', () => {
  test('are those of the spec before the first upgrade', () => {
    const now = effectiveUpgrade({ ...spec, overrides: { 'a.b': '4' } }, undefined)
    assert.deepEqual([now.image, now.overrides, now.entry, now.next], ['sei:v4', { 'a.b': '4' }, undefined, v5])
    assert.equal(effectiveSpec(spec, effectiveUpgrade(spec, undefined)), spec)
  })

  test('are those of the last upgrade that was reached, over those of the spec', () => {
    const now = effectiveUpgrade({ ...spec, overrides: { 'a.b': '4', 'c.d': '4' } }, at5)
    assert.deepEqual([now.image, now.overrides, now.next], ['sei:v5', { 'a.b': '5', 'c.d': '4' }, v6])
  })

  test('are those of the spec again when it was tidied up', () => {
    const now = effectiveUpgrade({ image: 'sei:v5' }, at5)
    assert.deepEqual([now.image, now.deviation], ['sei:v5', undefined])
    assert.equal(effectiveUpgrade({ image: 'sei:v5.1' }, at5).image, 'sei:v5.1')
  })

  test('stay where the spec names an image that the state has outgrown', () => {
    const now = effectiveUpgrade({ image: 'sei:v4' }, at5)
    assert.deepEqual(
      [now.image, now.overrides, now.wanted, now.deviation],
      ['sei:v5', { 'a.b': '5' }, 'sei:v4', 'outgrown'],
    )
  })

  const entry6 = { height: 60, image: 'sei:v6' }
  const rows: readonly (readonly [
    title: string,
    image: string,
    upgrades: readonly Upgrade[],
    runs: string,
    why?: string,
  ])[] = [
    ['an entry that is added below the height', 'sei:v4', [entry6, v5], 'sei:v5'],
    ['one that is added there after tidying up', 'sei:v5', [entry6], 'sei:v5'],
    ['one that replaces that of the height', 'sei:v4', [entry6], 'sei:v5', 'passed'],
    ['another image at the height', 'sei:v4', [{ height: 100, image: 'sei:v6' }], 'sei:v6'],
    ['a lower height of the entry', 'sei:v4', [{ ...v5, height: 90 }], 'sei:v5'],
    ['a higher height of the entry', 'sei:v4', [{ ...v5, height: 190 }], 'sei:v5', 'outgrown'],
    ['another name of the entry', 'sei:v4', [{ ...v5, name: 'v6' }], 'sei:v5'],
    ['an entry that is removed', 'sei:v4', [], 'sei:v5', 'outgrown'],
    [
      'an entry that is removed after one that was skipped',
      'sei:v4',
      [{ height: 50, image: 'sei:v4.5' }],
      'sei:v5',
      'passed',
    ],
    ['an image of the spec that is changed at the same time', 'sei:v4.1', [v5], 'sei:v5'],
    ['an image of the spec that never ran', 'sei:v6', [], 'sei:v6'],
    [
      'an image of the spec that never ran, beside an entry from before',
      'sei:v5.1',
      [{ height: 50, image: 'sei:v4.5' }],
      'sei:v5.1',
    ],
    [
      'the image of an entry that was skipped, beside that entry',
      'sei:v4.5',
      [{ height: 50, image: 'sei:v4.5' }],
      'sei:v5',
      'passed',
    ],
    [
      'the image of before, beside the one that it ran with',
      'sei:v4',
      [{ height: 50, image: 'sei:v4' }],
      'sei:v5',
      'outgrown',
    ],
  ]
  for (const [title, image, upgrades, runs, why] of rows) {
    test(`are ${runs} with ${title}`, () => {
      const now = effectiveUpgrade({ image, upgrades: [...upgrades] }, at5)
      assert.deepEqual([now.image, now.deviation], [runs, why])
    })
  }

  test('are those before an image that is too early', () => {
    const record = {
      height: 0,
      image: 'sei:v4',
      earlier: [],
      early: { image: 'sei:v5', name: 'v5', instead: 'sei:v4' },
    }
    assert.deepEqual(effectiveUpgrade({ image: 'sei:v5' }, record).deviation, 'early')
    assert.equal(effectiveUpgrade({ image: 'sei:v5' }, record).image, 'sei:v4')
    assert.equal(effectiveUpgrade({ image: 'sei:v4.1' }, record).image, 'sei:v4.1')
    assert.equal(isKnownToStop('sei:v5', record), true)
    assert.equal(isKnownToStop('sei:v4', record), false)
  })
})
