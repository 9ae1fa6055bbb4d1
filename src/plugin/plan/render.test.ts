/** A plan as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStyle } from '../output/style.ts'
import { renderReport, summaryOf } from './render.ts'
import { refusalOf, type Report } from './report.ts'

const KEY = { kind: 'SeiNode', namespace: 'sei', name: 'rpc-0' } as const
const STYLE = createStyle(false)
const PLAIN: Report = {
  ...KEY,
  action: 'none',
  fields: [],
  objects: [],
  jobs: [],
  tasks: [],
  recurring: [],
  restarts: [],
  findings: [],
  failures: [],
  unknown: [],
}
const image = { path: 'spec.image', before: 'a', after: 'b' }
const object = { kind: 'StatefulSet', name: 'rpc-0', fields: [], isDueAnyway: false }

const SECTIONS: readonly (readonly [what: string, report: Partial<Report>, lines: readonly string[]])[] = [
  ['nothing', {}, ['SeiNode sei/rpc-0 is unchanged']],
  [
    'fields of the manifest',
    { action: 'change', fields: [image, { path: 'spec.size', after: 1 }, { path: 'spec.mode', before: 'full' }] },
    [
      'SeiNode sei/rpc-0 changes',
      '  spec.image',
      '    - a',
      '    + b',
      '  spec.size',
      '    + 1',
      '  spec.mode',
      '    - full',
    ],
  ],
  [
    'objects',
    {
      action: 'create',
      objects: [
        { ...object, action: 'change', fields: [image], isDueAnyway: true },
        { ...object, action: 'create', name: 'new' },
        { ...object, action: 'delete', name: 'old' },
        { ...object, action: 'none', name: 'same' },
        { ...object, action: 'none', name: 'also' },
        { ...object, action: 'none', kind: 'Service', name: 'other' },
        { ...object, action: 'change', fields: [image], isDueAnyway: true, name: 'alike' },
      ],
      jobs: ['net-genesis'],
    },
    [
      'SeiNode sei/rpc-0 is new',
      '',
      'Objects',
      '  ~ StatefulSet rpc-0, alike (due without this manifest)',
      '    spec.image',
      '      - a',
      '      + b',
      '  + StatefulSet new',
      '  - StatefulSet old',
      '  = StatefulSet same, also; Service other',
      '',
      'Jobs',
      '  net-genesis',
    ],
  ],
  [
    'tasks by node, without those of restarts',
    {
      tasks: [
        { node: 'rpc-0', part: 'update', type: 'config-apply', params: { incremental: true, overrides: { a: 'b' } } },
        { node: 'rpc-0', part: 'update', type: 'config-validate' },
        { node: 'rpc-0', part: 'ready', type: 'mark-ready' },
      ],
      restarts: [
        { node: 'rpc-0', pod: 'rpc-0-0', afterUpdate: true, isDueAnyway: false },
        { node: 'rpc-1', pod: 'rpc-1-0', afterUpdate: false, isDueAnyway: true },
      ],
    },
    [
      'SeiNode sei/rpc-0 is unchanged',
      '',
      'Tasks',
      '  rpc-0, update of the configuration',
      '    1. config-apply',
      '         incremental: true',
      '         overrides:',
      '           a: b',
      '    2. config-validate',
      '',
      'Restarts',
      '  1. rpc-0-0, after its configuration was updated',
      '  2. rpc-1-0 (due without this manifest)',
    ],
  ],
  [
    'recurring work, findings, errors, and what is not known',
    {
      recurring: [
        {
          node: 'rpc-0',
          type: 'snapshot-upload',
          before: { schedule: '@daily', params: { bucket: 'x' } },
          after: { schedule: '@weekly', params: { bucket: 'x' } },
        },
      ],
      findings: [
        {
          object: 'SeiNode rpc-0',
          type: 'SpecValid',
          status: 'False',
          reason: 'StorageClassNotFound',
          message: 'it lacks',
        },
      ],
      failures: ['SeiNode sei/rpc-0: it fails'],
      unknown: ['what is to come'],
    },
    [
      'SeiNode sei/rpc-0 is unchanged',
      '',
      'Recurring tasks',
      '  rpc-0, snapshot-upload',
      '    - @daily {"bucket":"x"}',
      '    + @weekly {"bucket":"x"}',
      '',
      'What the operator will say',
      '  SeiNode rpc-0: SpecValid StorageClassNotFound: it lacks',
      '',
      'Errors',
      '  SeiNode sei/rpc-0: it fails',
      '',
      'This plan does not know',
      '  - what is to come',
    ],
  ],
]

for (const [what, report, lines] of SECTIONS)
  test(`shows ${what}`, () => assert.deepEqual(renderReport({ ...PLAIN, ...report }, STYLE), lines))

test('shows a refusal alone', () => {
  assert.deepEqual(renderReport(refusalOf(KEY, 'mode is immutable'), STYLE), [
    'SeiNode sei/rpc-0 is refused by the API server',
    '  mode is immutable',
  ])
})

test('clips long values', () => {
  const lines = renderReport({ ...PLAIN, fields: [{ path: 'spec.x', after: 'x'.repeat(1000) }] }, STYLE)
  assert.ok(lines.every(line => line.length < 200))
})

test('sums up what follows', () => {
  const objects: Report['objects'] = [
    { ...object, action: 'create' },
    { ...object, action: 'change' },
    { ...object, action: 'none' },
  ]
  assert.equal(
    summaryOf([{ ...PLAIN, objects }, PLAIN]),
    'Objects: 1 to create, 1 to change. 0 tasks, 0 restarts. Nothing was changed.',
  )
})
