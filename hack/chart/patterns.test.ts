/** The schema of the chart refuses no value that the operator accepts, and of those that it refuses all that a pattern can tell. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VARIABLE_KINDS } from '../../src/cli/environment.ts'
import { PATTERNS } from './patterns.ts'

interface Examples {
  readonly accepted: readonly string[]
  readonly refused: readonly string[]
  /** By the operator alone. */
  readonly refusedAtStart?: readonly string[]
}

const LABEL_63 = 'a'.repeat(63)

const EXAMPLES: Readonly<Record<keyof typeof PATTERNS, Examples>> = {
  nameOrNone: {
    accepted: ['', 'high', 'sei.validators-1'],
    refused: ['High', '-a', 'a-', 'a_b', 'a b', 'a,b'],
    refusedAtStart: ['a..b', 'a'.repeat(254)],
  },
  names: {
    accepted: ['', 'registry', 'one,two.three,4'],
    refused: ['One', 'a, b', ',a', 'a,', 'a,,b', 'a b'],
    refusedAtStart: ['a..b,c'],
  },
  dnsSubdomain: {
    accepted: ['gp3', 'gp3-10k-750', 'cluster.local', 'a', '1a.b-c.d'],
    refused: ['', 'GP3', '-a', 'a-', 'a_b', 'a b', '.a'],
    refusedAtStart: ['a..b', 'a.-b', 'a'.repeat(254)],
  },
  labelKey: {
    accepted: ['workload', 'sei.io/workload', 'sei.io/Work_load.1', `sei.io/${LABEL_63}`],
    refused: ['', 'sei.io/', '/workload', 'Sei.io/workload', 'a/b/c', 'a b', `${LABEL_63}a`],
    refusedAtStart: ['-sei.io/workload', 'sei..io/workload'],
  },
  labelValue: {
    accepted: ['sei-node', 'a', 'A_b.c', LABEL_63],
    refused: ['', '-a', 'a-', 'a b', 'a/b', `${LABEL_63}a`],
  },
  volumeSize: {
    accepted: ['1Gi', '1000Gi', '1.5Ti', '2T', '1Pi'],
    refused: ['', '1000', 'plenty', '-1Gi', '1 Gi', '1gi'],
    refusedAtStart: ['0Gi', '1Ki', '2Pi'],
  },
  cpu: {
    accepted: ['4', '0.5', '500m', '10m', '1024'],
    refused: ['', '4Gi', '-1', '4 ', 'm', 'four'],
    refusedAtStart: ['0', '9m', '1025'],
  },
  memory: {
    accepted: ['64Mi', '32Gi', '1.5Gi', '64Ti', '100M'],
    refused: ['', '32', '-32Gi', 'Gi', '32 Gi'],
    refusedAtStart: ['63Mi', '65Ti'],
  },
  image: {
    accepted: ['a', 'ghcr.io/sei-protocol/seictl:v1@sha256:0'],
    refused: ['', 'a b', ' a', 'a\n', 'a'.repeat(513)],
  },
  region: { accepted: ['us-east-2', 'eu-west-9'], refused: ['', 'US-EAST-2', 'us east', '-us', 'us.east'] },
  bucket: {
    accepted: ['sei-node-mvp', 'abc', 'a.b-c', LABEL_63],
    refused: ['', 'ab', 'A-bucket', '-abc', 'abc.', 's3://abc', `${LABEL_63}a`],
  },
  namespaceOrNone: { accepted: ['', 'sei', LABEL_63], refused: ['Sei', 'a.b', '-a', 'a b', `${LABEL_63}a`] },
}

for (const [kind, pattern] of Object.entries(PATTERNS)) {
  const examples = new Map(Object.entries(EXAMPLES)).get(kind)
  const accepts = new Map(Object.entries(VARIABLE_KINDS)).get(kind)?.accepts
  test(`the operator and the schema of the chart agree about a ${kind}`, () => {
    assert.ok(examples && accepts)
    const { accepted, refused, refusedAtStart = [] } = examples
    const judged = (value: string): readonly [string, boolean, boolean] => [value, accepts(value), pattern.test(value)]
    for (const value of accepted) assert.deepEqual(judged(value), [value, true, true])
    for (const value of refused) assert.deepEqual(judged(value), [value, false, false])
    for (const value of refusedAtStart) assert.deepEqual(judged(value), [value, false, true])
  })
}
