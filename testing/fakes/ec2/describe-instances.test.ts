/** Which instances EC2 gives, and in which pages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeInstances } from './describe-instances.ts'
import type { Instance } from './instance.ts'
import { readQuery } from './query.ts'

const region = 'us-east-2'
const INSTANCES: readonly Instance[] = [
  { id: 'i-1', region, tags: { Network: 'pacific-1', Role: 'seed' } },
  { id: 'i-2', region, tags: { Network: 'pacific-1' } },
  { id: 'i-3', region, tags: { Network: 'pacific-1' }, state: 'stopped' },
  { id: 'i-4', region, tags: { Network: 'atlantic-2', Role: 'a*b' } },
]

function idsFor(parameters: Readonly<Record<string, string>>, instances = INSTANCES): readonly string[] {
  const query = readQuery(new URLSearchParams(parameters).toString())
  return describeInstances(instances, query, 1_000).instances.map(({ id }) => id)
}

function filter(name: string, ...values: readonly string[]): Readonly<Record<string, string>> {
  const pairs = values.map((value, i) => [`Filter.1.Value.${i + 1}`, value])
  return { 'Filter.1.Name': name, ...Object.fromEntries(pairs) }
}

const rows: readonly (readonly [
  title: string,
  parameters: Readonly<Record<string, string>>,
  ids: readonly string[],
])[] = [
  ['no filter', {}, ['i-1', 'i-2', 'i-3', 'i-4']],
  ['a tag', filter('tag:Network', 'pacific-1'), ['i-1', 'i-2', 'i-3']],
  ['one of two values', filter('tag:Network', 'atlantic-2', 'arctic-1'), ['i-4']],
  ['a state', filter('instance-state-name', 'running'), ['i-1', 'i-2', 'i-4']],
  ['a tag that must be there', filter('tag-key', 'Role'), ['i-1', 'i-4']],
  ['wildcards', filter('tag:Network', 'p?cific-*'), ['i-1', 'i-2', 'i-3']],
  ['a wildcard that is none', filter('tag:Role', String.raw`a\*b`), ['i-4']],
  ['characters that only a pattern would read', filter('tag:Network', 'pacific.1'), []],
  ['an id', { 'InstanceId.1': 'i-3' }, ['i-3']],
  [
    'two filters, both of which must be met',
    { ...filter('tag:Network', 'pacific-1'), 'Filter.2.Name': 'instance-state-name', 'Filter.2.Value.1': 'running' },
    ['i-1', 'i-2'],
  ],
]

for (const [title, parameters, ids] of rows) {
  test(`instances by ${title}: ${ids.join(', ') || 'none'}`, () => {
    assert.deepEqual(idsFor(parameters), ids)
  })
}

test('pages hold what is asked for, or less, and together they hold every instance once', () => {
  const many = Array.from({ length: 23 }, (_, i): Instance => ({ id: `i-${i}`, region, tags: {} }))
  const sizes: number[] = []
  const seen: string[] = []
  let token: string | undefined
  do {
    const query = readQuery(new URLSearchParams({ MaxResults: '10', ...(token && { NextToken: token }) }).toString())
    const { instances, nextToken } = describeInstances(many, query, 7)
    sizes.push(instances.length)
    seen.push(...instances.map(({ id }) => id))
    token = nextToken
  } while (token !== undefined)
  assert.deepEqual(sizes, [7, 7, 7, 2])
  assert.deepEqual(
    seen,
    many.map(({ id }) => id),
  )
})

const wrong: readonly (readonly [parameters: Readonly<Record<string, string>>, code: string])[] = [
  [{ MaxResults: '4' }, 'InvalidParameterValue'],
  [{ MaxResults: '1001' }, 'InvalidParameterValue'],
  [{ MaxResults: 'ten' }, 'InvalidParameterValue'],
  [{ MaxResults: '5', 'InstanceId.1': 'i-1' }, 'InvalidParameterCombination'],
  [{ NextToken: 'guessed' }, 'InvalidParameterValue'],
  [filter('flavour', 'sweet'), 'InvalidParameterValue'],
]

for (const [parameters, code] of wrong) {
  test(`${JSON.stringify(parameters)} is refused: ${code}`, () => {
    assert.throws(() => idsFor(parameters), { name: 'Ec2Failure', code, status: 400 })
  })
}
