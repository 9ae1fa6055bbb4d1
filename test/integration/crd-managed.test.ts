/** R1: what the operator takes for granted cannot be set otherwise, and objects that were stored before the rules can still be changed and deleted. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { customResourceDefinition, type KindDefinition } from '../../src/api/crd.ts'
import { KINDS } from '../../src/api/kinds.ts'
import { MAX_NODE_OVERRIDES, MAX_PARAMS_SIZE, MAX_POOL_OVERRIDES } from '../../src/api/limits.ts'
import { ENTRYPOINT_CASES, OVERRIDE_CASES } from '../../src/api/testdata/managed-cases.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { until } from '../support/until.ts'
import { generation, node, peers, pool, poolOf, snapshot } from './crd-cases.ts'
import { DRY_RUN, type Manifest, prepareNamespace, refusals, removeNamespace } from './crd-harness.ts'

let namespace = ''
before(async () => {
  namespace = await prepareNamespace()
})
after(() => removeNamespace(namespace))

interface Case {
  readonly title: string
  readonly spec: Readonly<Record<string, unknown>>
  /** Texts that the refusal has to hold; undefined where it is accepted. */
  readonly says: readonly string[] | undefined
}

function assertOutcome(refusal: string | undefined, says: readonly string[] | undefined): void {
  if (!says) return assert.equal(refusal, undefined)
  assert.ok(refusal !== undefined, `expected a refusal that says ${says.join(', ')}; the manifest was accepted`)
  for (const text of says) assert.ok(refusal.includes(text), `expected "${text}" in: ${refusal}`)
}

const replayer = { peers, snapshot, resultExport: {} }
const overridesOf = (count: number, value = 'x'): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a.key_${i}`, value]))
const schedules: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['*/15 8-18 * * MON-FRI', undefined],
  ['0 0 29 2 *', undefined],
  ['0 0 30 2 MON', undefined],
  ['@weekly', undefined],
  ['*/70 * * * *', ['a step follows "*" or a range']],
  ['0 0 * * FRI-MON', ['A range goes upwards']],
  ['50-10 * * * *', ['A range goes upwards']],
  ['5/7 * * * *', ['a step follows "*" or a range']],
  ['0 0 30 2 *', ['must come due', 'no month that it names has that day']],
  ['0 0 31 4,JUN *', ['must come due']],
]

/** What overrides may not change for a spec, those of an upgrade may not change either. */
function upgradesCases(spec: (fields: Case['spec']) => Case['spec'], field: string): readonly Case[] {
  return OVERRIDE_CASES.filter(({ accepted }) => !accepted).map(({ key, value }) => ({
    title: `an upgrade with ${key}: ${JSON.stringify(value)}`,
    spec: spec({ upgrades: [{ height: 100, image: 'sei:v2', overrides: { [key]: value } }] }),
    says: [`${field}[0].overrides`, 'must not set what the operator manages'],
  }))
}

const nodeCases: readonly Case[] = [
  ...upgradesCases(node, 'spec.upgrades'),
  ...OVERRIDE_CASES.map(({ key, value, accepted }) => ({
    title: `${key}: ${JSON.stringify(value)}`,
    spec: node({ overrides: { [key]: value } }),
    says: accepted
      ? undefined
      : ['spec.overrides', `overrides: ${key.startsWith('state_sync.') ? 'state_sync.' : key}`],
  })),
  ...ENTRYPOINT_CASES.map(({ entrypoint, accepted }) => ({
    title: `entrypoint ${JSON.stringify(entrypoint)}`,
    spec: node({ entrypoint }),
    says: accepted ? undefined : ['spec.entrypoint', '--home at /sei', 'is lost with the pod'],
  })),
  ...schedules.flatMap(([schedule, says]) => [
    {
      title: `uploads at ${schedule}`,
      spec: node({ snapshotGeneration: { ...generation, schedule } }),
      says: says && ['spec.snapshotGeneration.schedule', ...says],
    },
    {
      title: `exports at ${schedule}`,
      spec: node({ replayer: { ...replayer, resultExport: { schedule } } }),
      says: says && ['spec.replayer.resultExport.schedule', ...says],
    },
  ]),
  {
    title: "a port of pprof that is the sidecar's own",
    spec: node({ sidecar: { port: 6060 }, overrides: { 'network.rpc.pprof_listen_address': ':6060' } }),
    says: ['network.rpc.pprof_listen_address must have a port'],
  },
  {
    title: 'another RPC port beside a snapshot',
    spec: node({ peers, snapshot, overrides: { 'network.rpc.listen_address': 'tcp://0.0.0.0:27657' } }),
    says: [
      'network.rpc.listen_address must be "tcp://0.0.0.0:26657" or left out',
      'ports are fixed',
      "a Service's business",
    ],
  },
  {
    title: 'as many overrides as a pool can give',
    spec: node({ overrides: overridesOf(MAX_NODE_OVERRIDES) }),
    says: undefined,
  },
  {
    title: 'the peers of the largest pool, with the longest names',
    spec: node({
      overrides: {
        'network.p2p.persistent_peers': Array(63)
          .fill(`${'ab'.repeat(20)}@${'n'.repeat(190)}.svc.cluster.local:26656`)
          .join(','),
      },
    }),
    says: undefined,
  },
  {
    title: 'more overrides than fit',
    spec: node({ overrides: overridesOf(MAX_NODE_OVERRIDES + 1) }),
    says: ['spec.overrides', `at most ${MAX_NODE_OVERRIDES}`],
  },
  {
    title: 'the largest overrides of a pool, and as large peers',
    spec: node({ overrides: overridesOf(17, 'x'.repeat(16_384)) }),
    says: undefined,
  },
  {
    title: 'overrides that are too large together',
    spec: node({ overrides: overridesOf(18, 'x'.repeat(16_384)) }),
    says: ['spec.overrides', 'in all values together'],
  },
]

const params = (count: number, size: number): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${String(i).padStart(3, '0')}`, 'x'.repeat(size - 4)]))

const poolCases: readonly Case[] = [
  ...upgradesCases(poolOf, 'spec.nodeConfiguration.upgrades'),
  ...OVERRIDE_CASES.filter(({ key, value }) => key !== 'chain.chain_id' && value.length < 200).map(
    ({ key, value, accepted }) => ({
      title: `${key}: ${JSON.stringify(value)}`,
      spec: poolOf({ overrides: { [key]: value } }),
      says: accepted ? undefined : ['spec.nodeConfiguration.overrides', 'overrides: '],
    }),
  ),
  ...ENTRYPOINT_CASES.map(({ entrypoint, accepted }) => ({
    title: `entrypoint ${JSON.stringify(entrypoint)}`,
    spec: poolOf({ entrypoint }),
    says: accepted ? undefined : ['spec.nodeConfiguration.entrypoint', '--home at /sei'],
  })),
  { title: 'the most overrides', spec: poolOf({ overrides: overridesOf(MAX_POOL_OVERRIDES) }), says: undefined },
  { title: 'large overrides', spec: poolOf({ overrides: overridesOf(16, 'x'.repeat(16_384)) }), says: undefined },
  {
    title: 'overrides that are too large together',
    spec: poolOf({ overrides: overridesOf(17, 'x'.repeat(16_384)) }),
    says: ['spec.nodeConfiguration.overrides', 'in all values together'],
  },
  {
    title: 'the largest params',
    spec: pool({ genesis: { params: params(16, MAX_PARAMS_SIZE / 16) } }),
    says: undefined,
  },
  {
    title: 'params that are too large together',
    spec: pool({ genesis: { params: { ...params(16, MAX_PARAMS_SIZE / 16), a: 1 } } }),
    says: ['spec.genesis.params', `more than ${MAX_PARAMS_SIZE} characters together`],
  },
]

function describeCases(title: string, kind: Manifest['kind'], cases: readonly Case[]): void {
  const start = kind === 'SeiNode' ? node() : pool()
  const manifests = cases.map(({ spec }, i) => ({ kind, name: `${kind.toLowerCase()}-${i}`, spec }))
  describe(title, () => {
    let created: ReadonlyMap<string, string> = new Map()
    let updated: ReadonlyMap<string, string> = new Map()
    before(async () => {
      created = await refusals(namespace, ['create', ...DRY_RUN], manifests)
      const stored = manifests.map(manifest => ({ ...manifest, spec: startOf(manifest.spec, start) }))
      assert.deepEqual(await refusals(namespace, ['apply', '--server-side'], stored), new Map())
      updated = await refusals(namespace, ['apply', '--server-side', '--force-conflicts', ...DRY_RUN], manifests)
    })
    for (const [i, { title: what, spec, says }] of cases.entries()) {
      const name = `${kind.toLowerCase()}-${i}`
      const outcome = `${what}: ${says ? 'refused' : 'accepted'}`
      it(`${outcome}, new`, () => assertOutcome(created.get(name), says))
      // What a ceremony has decided cannot be changed anyhow.
      if (!('genesis' in spec)) it(`${outcome}, as a change`, () => assertOutcome(updated.get(name), says))
    }
  })
}

/** What may not be added later is there from the start. */
function startOf(spec: Readonly<Record<string, unknown>>, start: Readonly<Record<string, unknown>>): unknown {
  return 'replayer' in spec ? { ...start, replayer } : start
}

describeCases('R1: a SeiNode with', 'SeiNode', nodeCases)
describeCases('R1: a SeiNodePool with', 'SeiNodePool', poolCases)

/** A kind of the same schema under another name, so that its rules can be taken away for a moment. */
function trialOf(
  definition: KindDefinition,
  suffix: string,
): { readonly plural: string; readonly at: (rules: boolean) => string } {
  const kind = `${definition.kind}${suffix}`
  const plural = `${kind.toLowerCase()}s`
  const names = {
    kind,
    singular: kind.toLowerCase(),
    plural,
    shortName: `${definition.shortName}${suffix.toLowerCase()}`,
  }
  return {
    plural,
    at: rules =>
      JSON.stringify(
        customResourceDefinition({
          ...definition,
          ...names,
          rules: rules ? definition.rules : definition.rules.slice(0, 1),
        }),
      ),
  }
}

interface StoredCase {
  readonly title: string
  readonly spec: Readonly<Record<string, unknown>>
  /** A merge patch of something else, and one that makes it wrong in another way. */
  readonly elsewhere: unknown
  readonly worse: unknown
}

const storedNodes: readonly StoredCase[] = [
  {
    title: 'ports, peers and settings of state sync',
    spec: node({
      overrides: {
        'network.rpc.listen_address': 'tcp://0.0.0.0:27657',
        'network.p2p.persistent_peers': 'nobody',
        'state_sync.enable': 'true',
      },
    }),
    elsewhere: { spec: { overrides: { 'logging.level': 'debug' }, image: 'sei:v2' } },
    worse: { spec: { overrides: { 'network.rpc.listen_address': 'tcp://0.0.0.0:27658' } } },
  },
  {
    title: 'another home',
    spec: node({ entrypoint: { args: ['start', '--home', '/data'] } }),
    elsewhere: { spec: { image: 'sei:v2' } },
    worse: { spec: { entrypoint: { args: ['start', '--home', '/other'] } } },
  },
  {
    title: 'a schedule that nobody can run',
    spec: node({ snapshotGeneration: { ...generation, schedule: '*/70 * * * *' } }),
    elsewhere: { spec: { snapshotGeneration: { keepRecent: 3 } } },
    worse: { spec: { snapshotGeneration: { schedule: '*/71 * * * *' } } },
  },
]

const storedPools: readonly StoredCase[] = [
  {
    title: 'ports of its nodes, and large params',
    spec: {
      ...poolOf({ overrides: { 'evm.http_port': '18545' } }),
      genesis: { params: params(32, 8192) },
    },
    elsewhere: { spec: { nodeConfiguration: { image: 'sei:v2' } } },
    worse: { spec: { nodeConfiguration: { overrides: { 'evm.http_port': '18546' } } } },
  },
]

for (const [kind, cases] of [
  [KINDS[0], storedNodes],
  [KINDS[1], storedPools],
] as const) {
  describe(`R1: a ${kind?.kind} that was stored before the rules`, () => {
    assert.ok(kind)
    const trial = trialOf(
      kind,
      `Trial${randomBytes(4).toString('hex')}`.replaceAll(/\d/g, digit => 'ghijklmnop'[Number(digit)] ?? ''),
    )
    const manifestsOf = (prefix: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: cases.map(({ spec }, i) => ({
          apiVersion: 'sei.io/v1alpha1',
          kind: JSON.parse(trial.at(true)).spec.names.kind,
          metadata: { name: `${prefix}-${i}`, finalizers: ['sei.io/kept'] },
          spec,
        })),
      })
    const patch = (name: string, body: unknown, ...flags: string[]) =>
      tryKubectl(['patch', trial.plural, name, '-n', namespace, '--type=merge', '-p', JSON.stringify(body), ...flags])
    before(async () => {
      await kubectl(['apply', '--server-side', '-f', '-'], { stdin: trial.at(false) })
      await until('the objects to be stored', async () => {
        const { code } = await tryKubectl(['apply', '--server-side', '-n', namespace, '-f', '-'], {
          stdin: manifestsOf('known'),
        })
        return code === 0 || undefined
      })
      for (const i of cases.keys()) {
        const { code, stderr } = await patch(`known-${i}`, { status: { phase: 'Running' } }, '--subresource=status')
        assert.equal(code, 0, stderr)
      }
      await kubectl(['apply', '--server-side', '-f', '-'], { stdin: trial.at(true) })
      await until('the rules to hold', async () => {
        const { stderr } = await tryKubectl(['create', '--dry-run=server', '-n', namespace, '-f', '-'], {
          stdin: manifestsOf('new'),
        })
        return stderr.split('is invalid').length === cases.length + 1 || undefined
      })
    })
    after(async () => {
      const objects = JSON.parse(await kubectl(['get', trial.plural, '-n', namespace, '-o', 'json']))
      for (const { metadata } of objects.items) await patch(metadata.name, { metadata: { finalizers: [] } })
      await tryKubectl(['delete', 'crd', `${trial.plural}.sei.io`, '--wait=false'])
    })
    for (const [i, { title, elsewhere, worse }] of cases.entries()) {
      it(`${title}: may be changed elsewhere`, async () => {
        const { code, stderr } = await patch(`known-${i}`, elsewhere)
        assert.equal(code, 0, stderr)
      })
      it(`${title}: may not be changed for the worse`, async () => {
        const { code, stderr } = await patch(`known-${i}`, worse)
        assert.equal(code, 1)
        assert.match(stderr, /is invalid/)
      })
      it(`${title}: can be reported on and deleted`, async () => {
        const reported = await patch(`known-${i}`, { status: { phase: 'Failed' } }, '--subresource=status')
        assert.equal(reported.code, 0, reported.stderr)
        const { code, stderr } = await patch(`known-${i}`, { metadata: { finalizers: [] } })
        assert.equal(code, 0, stderr)
      })
    }
  })
}
