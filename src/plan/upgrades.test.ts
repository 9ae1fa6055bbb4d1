/** What follows from what a seid said that ended, and what never follows. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import * as fc from 'fast-check'
import type { UpgradeRecord } from '../build/upgrade-record.ts'
import type { UpgradeReport } from './upgrade-report.ts'
import { type ChainReach, effectiveUpgrade, isKnownToStop, type UpgradeFacts, upgradeStep } from './upgrades.ts'
import { at5, spec, v5, v6 } from './testdata/upgrades.ts'

const nowhere: ChainReach = { headHeight: undefined, head: 'unknown', ownHeight: undefined }

function stepOf(
  report: UpgradeReport | undefined,
  changes: Partial<UpgradeFacts> = {},
): ReturnType<typeof upgradeStep> {
  const facts = { spec, record: undefined, previousImage: undefined, reach: nowhere, isProven: true }
  return upgradeStep({ ...facts, ...changes, report })
}

function needed(height: number, name = `v${height}`): UpgradeReport {
  return { kind: 'needed', name, height }
}

suite('a seid that stopped for an upgrade', () => {
  test('reaches the entry of that height', () => {
    assert.deepEqual(stepOf(needed(100, 'v5')), { kind: 'record', record: at5 })
  })

  test('reaches it past an entry that the chain skipped', () => {
    const record = { height: 200, name: 'v6', image: 'sei:v6', earlier: ['sei:v4'] }
    assert.deepEqual(stepOf(needed(200, 'v6')), { kind: 'record', record })
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

  test('reaches the entry of that height also where the record is beyond it, which followed a wrong height', () => {
    const wrong = { height: 200_000, image: 'sei:v5', name: 'v5' }
    const beyond = { height: 200_000, name: 'v5', image: 'sei:v5', earlier: ['sei:v4'] }
    const facts = { spec: { image: 'sei:v4', upgrades: [{ height: 150, image: 'sei:v6' }, wrong] }, record: beyond }
    const record = { height: 150, name: 'v6', image: 'sei:v6', earlier: ['sei:v4', 'sei:v5'] }
    assert.deepEqual(stepOf(needed(150, 'v6'), facts), { kind: 'record', record })
  })

  test('gets an early image with the overrides of its entry', () => {
    const corrected = { ...v5, image: 'sei:v6' }
    const early = { image: 'sei:v6', name: 'v6', instead: 'sei:v5' }
    const facts = { spec: { image: 'sei:v4', upgrades: [corrected] }, record: { ...at5, early } }
    const next = { name: 'v6', image: 'sei:v6', overrides: { 'a.b': '5' }, earlier: ['sei:v4', 'sei:v5'] }
    assert.deepEqual(stepOf(needed(150, 'v6'), facts), { kind: 'record', record: { height: 150, ...next } })
    const missing = { kind: 'missing', name: 'v6' } as const
    assert.deepEqual(stepOf(missing, facts), { kind: 'record', record: { height: 100, ...next } })
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
    assert.deepEqual(stepOf(report, { record: { ...at5, height: 200, image: 'sei:v6' } }), { kind: 'needed', need })
  })

  const FAR = 100_000
  const places: readonly (readonly [
    title: string,
    name: string,
    height: number,
    reach: Partial<ChainReach>,
    outcome: string,
  ])[] = [
    ['an entry that the chain has passed', 'v9', 200, { head: 'followed', headHeight: 200 }, 'record'],
    ['an entry beyond the chain', 'v9', 200, { head: 'followed', headHeight: 150 }, 'misplaced'],
    ['an entry of that name beyond the chain', 'v6', 200, { head: 'followed', headHeight: 150 }, 'misplaced'],
    ['an entry that a node that catches up has passed', 'v9', 200, { head: 'awaited', headHeight: 300 }, 'record'],
    ['an entry beyond a node that catches up', 'v9', 200, { head: 'awaited', headHeight: 150 }, 'awaiting'],
    ['an entry beyond the only nodes that answer, none at the head', 'v9', 200, { headHeight: 150 }, 'record'],
    ['an entry while the operator has just started', 'v9', 200, { head: 'awaited' }, 'awaiting'],
    ['an entry of that name while the operator has just started', 'v6', 200, { head: 'awaited' }, 'awaiting'],
    ['an entry while the height of the node at the head is not known', 'v9', 200, { head: 'followed' }, 'awaiting'],
    ['an entry where nobody ever tells', 'v9', 200, {}, 'record'],
    ['an entry that the node itself has passed', 'v9', 200, { head: 'awaited', ownHeight: 500 }, 'record'],
    ['an entry far beyond the node itself', 'v9', FAR, { head: 'awaited', ownHeight: FAR - 201 }, 'misplaced'],
    ['an entry of that name far beyond what was seen of the node', 'v6', 200, { ownHeight: 10 }, 'record'],
    [
      'an entry that the chain has passed and the node has not',
      'v9',
      FAR,
      { headHeight: 2 * FAR, ownHeight: 50 },
      'misplaced',
    ],
  ]
  for (const [title, name, height, reach, outcome] of places) {
    test(`takes ${title} for ${outcome === 'record' ? 'reached' : outcome}`, () => {
      const upgrades = [v5, { height, image: 'sei:v6', ...(name === 'v6' && { name }) }]
      const facts = { spec: { image: 'sei:v4', upgrades }, record: at5, reach: { ...nowhere, ...reach } }
      const step = stepOf({ kind: 'missing', name }, facts)
      assert.equal(step.kind === 'needed' ? step.need.kind : step.kind, outcome)
    })
  }

  test('goes to its entry also beside an image that is early for another upgrade', () => {
    const early = { image: 'sei:v7', name: 'v7', instead: 'sei:v4' }
    const facts = {
      spec: { image: 'sei:v7', upgrades: [v5] },
      record: { height: 0, image: 'sei:v4', earlier: [], early },
    }
    assert.deepEqual(stepOf({ kind: 'missing', name: 'v5' }, facts), { kind: 'record', record: at5 })
    const need = { kind: 'absent', name: 'v6' }
    const past = { ...facts, spec: { image: 'sei:v7' } }
    assert.deepEqual(stepOf({ kind: 'missing', name: 'v6' }, past), { kind: 'needed', need })
  })

  test('is told where the entry of that name is below what was reached', () => {
    const below = { height: 60, image: 'sei:v6', name: 'v6' }
    const step = stepOf({ kind: 'missing', name: 'v6' }, { spec: { ...spec, upgrades: [below, v5] }, record: at5 })
    assert.deepEqual(step, { kind: 'needed', need: { kind: 'misplaced', name: 'v6', height: 60, isNamed: true } })
  })

  test('never gets an image that stopped before', () => {
    const upgrades = [v5, { height: 200, image: 'sei:v4' }, { height: 300, image: 'sei:v7' }]
    const step = stepOf({ kind: 'missing', name: 'v9' }, { spec: { image: 'sei:v3', upgrades }, record: at5 })
    assert.equal(step.kind === 'record' && step.record.image, 'sei:v7')
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

  test('gets the recorded image where the StatefulSet does not know the one of before', () => {
    const corrected = { spec: { image: 'sei:v4', upgrades: [{ ...v5, image: 'sei:v5.1' }] }, record: at5 }
    const early = { image: 'sei:v5.1', name: 'v6', instead: 'sei:v5' }
    assert.deepEqual(stepOf({ kind: 'early', name: 'v6' }, corrected), {
      kind: 'record',
      record: { ...at5, early },
    })
  })

  test('goes back where its record is ahead of the state, and on at the height', () => {
    const back = stepOf(report, { record: at5, previousImage: 'sei:v4' })
    const early = { image: 'sei:v5', name: 'v5', instead: 'sei:v4' }
    const record = { height: 0, image: 'sei:v4', earlier: [], early }
    assert.deepEqual(back, { kind: 'record', record })
    assert.equal(effectiveUpgrade(spec, record).image, 'sei:v4')
    assert.equal(isKnownToStop('sei:v5', record), true)
    // Until then nothing follows from it.
    assert.deepEqual(stepOf(undefined, { record }), { kind: 'none' })
    assert.deepEqual(stepOf(needed(100, 'v5'), { record }), { kind: 'record', record: at5 })
  })

  test('goes back to the image that stopped for the upgrade where the spec was tidied up since', () => {
    for (const image of ['sei:v5', 'sei:v5.1']) {
      const tidied = { image }
      const early = { image, name: 'v5', instead: 'sei:v4' }
      const record = { height: 0, image: 'sei:v4', earlier: [], early }
      const facts = { spec: tidied, record: at5, previousImage: 'sei:v5' }
      assert.deepEqual(stepOf(report, facts), { kind: 'record', record })
      assert.equal(effectiveUpgrade(tidied, record).image, 'sei:v4')
      assert.deepEqual(stepOf(needed(100, 'v5'), { spec: tidied, record }), {
        kind: 'record',
        record: { height: 100, name: 'v5', image, earlier: ['sei:v4'] },
      })
    }
    // Its record has no image from before: the StatefulSet has.
    const back = stepOf(report, { spec: { image: 'sei:v5' }, record: { ...at5, earlier: [] }, previousImage: 'sei:v4' })
    assert.equal(back.kind === 'record' && back.record.image, 'sei:v4')
  })

  test('goes back to what ran before the upgrade, whatever older entries are left in the spec', () => {
    const leftOver = { height: 50, image: 'sei:v3' }
    for (const tidied of [
      { image: 'sei:v5.1', upgrades: [leftOver] },
      { image: 'sei:v3', upgrades: [v5] },
    ]) {
      const back = stepOf(report, {
        spec: tidied,
        record: { ...at5, earlier: ['sei:v3', 'sei:v4'] },
        previousImage: 'sei:v5',
      })
      assert.equal(back.kind === 'record' && back.record.image, 'sei:v4', tidied.image)
    }
  })

  test('goes back to an entry that was added where one without a name was taken for reached', () => {
    const guessed = { height: 900, image: 'sei:v7', earlier: ['sei:v4', 'sei:v5', 'sei:v6'] }
    const seven: UpgradeReport = { kind: 'early', name: 'v7' }
    const far = { height: 900, image: 'sei:v7' }
    const facts = { record: guessed, previousImage: 'sei:v6' }
    const need = { kind: 'early', name: 'v7', image: 'sei:v7' }
    assert.deepEqual(stepOf(seven, { ...facts, spec: { image: 'sei:v4', upgrades: [v5, v6, far] } }), {
      kind: 'needed',
      need,
    })
    const hotfix = { height: 230, image: 'sei:v6.1', name: 'v6.1' }
    const early = { image: 'sei:v7', name: 'v7', instead: 'sei:v6.1' }
    const corrected = { image: 'sei:v4', upgrades: [v5, v6, hotfix, far] }
    const record = { ...hotfix, earlier: guessed.earlier, early }
    assert.deepEqual(stepOf(seven, { ...facts, spec: corrected }), { kind: 'record', record })
    // It is not taken for reached once more.
    assert.deepEqual(stepOf({ kind: 'missing', name: 'v8' }, { record, spec: corrected }), {
      kind: 'needed',
      need: { kind: 'absent', name: 'v8' },
    })
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
    // An image that was not seen to work is none to fall back to.
    assert.deepEqual(stepOf(undefined, { spec: corrected, record: at5, isProven: false }), { kind: 'none' })
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
  const runs = fc.array(
    fc.record({ upgrades: entries, image: images, report: reports, previous: images, isProven: fc.boolean() }),
    {
      maxLength: 20,
    },
  )

  test('goes back only where seid says so, and reaches nothing that seid did not report', () => {
    fc.assert(
      fc.property(runs, events => {
        let record: UpgradeRecord | undefined
        for (const { upgrades, image, report, previous, isProven } of events) {
          const current = { image, upgrades }
          const facts = { spec: current, record, report, previousImage: previous, reach: nowhere, isProven }
          const step = upgradeStep(facts)
          if (step.kind !== 'record') continue
          const { height } = step.record
          const isFall = height < (record?.height ?? 0)
          if (isFall) assert.ok(report?.kind === 'early' || (report?.kind === 'needed' && report.height === height))
          assert.ok(!isKnownToStop(effectiveUpgrade(current, step.record).image, step.record) || isFall || !report)
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
        const own = { spec: { image, upgrades }, report, previousImage, reach: nowhere }
        const facts = { ...own, record: undefined, isProven: true }
        const step = upgradeStep(facts)
        if (step.kind !== 'record') return
        // The report is of the image from before.
        assert.equal(upgradeStep({ ...facts, record: step.record, report: undefined }).kind, 'none')
      }),
    )
  })
})
