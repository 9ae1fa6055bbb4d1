/** Which image a node runs, what follows from what its seid said, and what never follows. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import * as fc from 'fast-check'
import type { Upgrade } from '../api/upgrades.ts'
import type { UpgradeRecord } from '../build/upgrade-record.ts'
import type { UpgradeReport } from './upgrade-report.ts'
import { effectiveSpec, effectiveUpgrade, isKnownToStop, type UpgradeFacts, upgradeStep } from './upgrades.ts'

const v5: Upgrade = { height: 100, image: 'sei:v5', name: 'v5', overrides: { 'a.b': '5' } }
const v6: Upgrade = { height: 200, image: 'sei:v6' }
const spec = { image: 'sei:v4', upgrades: [v5, v6] }
const at5: UpgradeRecord = { height: 100, name: 'v5', image: 'sei:v5', overrides: { 'a.b': '5' }, earlier: ['sei:v4'] }

function stepOf(
  report: UpgradeReport | undefined,
  changes: Partial<UpgradeFacts> = {},
): ReturnType<typeof upgradeStep> {
  return upgradeStep({ spec, record: undefined, previousImage: undefined, headHeight: undefined, ...changes, report })
}

function needed(height: number, name = `v${height}`): UpgradeReport {
  return { kind: 'needed', name, height }
}

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

suite('a seid that stopped for an upgrade', () => {
  test('reaches the entry of that height', () => {
    assert.deepEqual(stepOf(needed(100, 'v5')), { kind: 'record', record: at5 })
  })

  test('reaches no entry of another height or name', () => {
    assert.deepEqual(stepOf(needed(150)), { kind: 'needed', need: { kind: 'absent', name: 'v150', height: 150 } })
    const need = { kind: 'misnamed', name: 'other', height: 100, expected: 'v5' }
    assert.deepEqual(stepOf(needed(100, 'other')), { kind: 'needed', need })
  })

  test('says that the image of the entry lacks it', () => {
    const need = { kind: 'lacking', name: 'v5', height: 100, image: 'sei:v5' }
    assert.deepEqual(stepOf(needed(100, 'v5'), { record: at5 }), { kind: 'needed', need })
  })

  test('uses an early image when it is its time', () => {
    const early = { image: 'sei:v5', name: 'v5', instead: 'sei:v4' }
    const facts = { spec: { image: 'sei:v5' }, record: { height: 0, image: 'sei:v4', earlier: [], early } }
    const record = { height: 100, name: 'v5', image: 'sei:v5', earlier: ['sei:v4'] }
    assert.deepEqual(stepOf(needed(100, 'v5'), facts), { kind: 'record', record })
  })
})

suite('a seid whose state is from after an upgrade', () => {
  test('goes to the entry of that name', () => {
    const named = { ...spec, upgrades: [v5, { ...v6, name: 'v6' }] }
    const record = { height: 200, name: 'v6', image: 'sei:v6', earlier: ['sei:v4'] }
    assert.deepEqual(stepOf({ kind: 'missing', name: 'v6' }, { spec: named }), { kind: 'record', record })
  })

  test('steps on where no entry has the name, never beyond the chain', () => {
    const report = { kind: 'missing', name: 'v9' } as const
    const record = { height: 200, image: 'sei:v6', earlier: ['sei:v4', 'sei:v5'] }
    assert.deepEqual(stepOf(report, { record: at5 }), { kind: 'record', record })
    const need = { kind: 'absent', name: 'v9' }
    assert.deepEqual(stepOf(report, { record: at5, headHeight: 150 }), { kind: 'needed', need })
    assert.deepEqual(stepOf(report, { record: { ...at5, height: 200, image: 'sei:v6' } }), { kind: 'needed', need })
  })
})

suite('a seid that is too early', () => {
  const report = { kind: 'early', name: 'v5' } as const

  test('gets the image from before', () => {
    const record = {
      height: 0,
      image: 'sei:v4',
      earlier: [],
      early: { image: 'sei:v5', name: 'v5', instead: 'sei:v4' },
    }
    const facts = { spec: { image: 'sei:v5' }, previousImage: 'sei:v4' }
    assert.deepEqual(stepOf(report, facts), { kind: 'record', record })
  })

  test('is told where no image is known from before, or that one is early too', () => {
    const need = { kind: 'early', name: 'v5', image: 'sei:v4' }
    assert.deepEqual(stepOf(report), { kind: 'needed', need })
    assert.deepEqual(stepOf(report, { previousImage: 'sei:v4' }), { kind: 'needed', need })
    const record = {
      height: 0,
      image: 'sei:v4',
      earlier: [],
      early: { image: 'sei:v5', name: 'v5', instead: 'sei:v4' },
    }
    assert.equal(stepOf(report, { spec: { image: 'sei:v5' }, record, previousImage: 'sei:v5' }).kind, 'needed')
  })

  test('does not bring back an image that the state has outgrown', () => {
    const early: UpgradeReport = { kind: 'early', name: 'v6' }
    const need = { kind: 'early', name: 'v6', image: 'sei:v5' }
    assert.deepEqual(stepOf(early, { record: at5, previousImage: 'sei:v4' }), { kind: 'needed', need })
  })
})

suite('the record of a node', () => {
  test('follows a correction, and forgets an early image that is no longer asked for', () => {
    const corrected = { ...spec, upgrades: [{ height: 100, image: 'sei:v5.1' }, v6] }
    const record = { height: 100, name: 'v5', image: 'sei:v5.1', earlier: ['sei:v4'] }
    assert.deepEqual(stepOf(undefined, { spec: corrected, record: at5 }), { kind: 'record', record })
    assert.deepEqual(stepOf(undefined, { record: at5 }), { kind: 'none' })
    const early = { image: 'sei:v5', name: 'v5', instead: 'sei:v4' }
    const facts = { spec: { image: 'sei:v4.1' }, record: { height: 0, image: 'sei:v4', earlier: [], early } }
    assert.deepEqual(stepOf(undefined, facts), {
      kind: 'record',
      record: { height: 0, image: 'sei:v4.1', earlier: [] },
    })
  })

  const images = fc.integer({ min: 0, max: 12 }).map(release => `sei:v${release}`)
  const names = fc.integer({ min: 0, max: 12 }).map(release => `v${release}`)
  const heights = fc.integer({ min: 1, max: 12 })
  const entries = fc
    .uniqueArray(fc.record({ height: heights, image: images }), { selector: ({ height }) => height, maxLength: 6 })
    .map(list => list.toSorted((a, b) => a.height - b.height))
  const reports: fc.Arbitrary<UpgradeReport | undefined> = fc.oneof(
    fc.record({ kind: fc.constant('needed' as const), name: names, height: heights }),
    fc.record({ kind: fc.constantFrom('early' as const, 'missing' as const), name: names }),
    fc.constant(undefined),
  )
  const runs = fc.array(fc.record({ upgrades: entries, image: images, report: reports, previous: images }), {
    maxLength: 20,
  })

  test('never goes back, and reaches nothing that seid did not report', () => {
    fc.assert(
      fc.property(runs, events => {
        let record: UpgradeRecord | undefined
        for (const { upgrades, image, report, previous } of events) {
          const facts = { spec: { image, upgrades }, record, report, previousImage: previous, headHeight: undefined }
          const step = upgradeStep(facts)
          if (step.kind !== 'record') continue
          const { height } = step.record
          assert.ok(height >= (record?.height ?? 0), 'the height never falls')
          const isRise = height > (record?.height ?? 0)
          if (isRise && report?.kind === 'needed') assert.equal(height, report.height)
          if (isRise) assert.ok(report?.kind === 'needed' || report?.kind === 'missing')
          record = step.record
        }
      }),
    )
  })

  test('settles: a step that was taken is not taken again without another report', () => {
    fc.assert(
      fc.property(entries, images, reports, images, (upgrades, image, report, previousImage) => {
        const facts = { spec: { image, upgrades }, record: undefined, report, previousImage, headHeight: undefined }
        const step = upgradeStep(facts)
        if (step.kind !== 'record') return
        // The report is of the image from before.
        assert.equal(upgradeStep({ ...facts, record: step.record, report: undefined }).kind, 'none')
      }),
    )
  })
})
