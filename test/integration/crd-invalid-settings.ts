/** SeiNodes with one wrong setting of how the node runs, and what the API server says of it. */
import { generation, type InvalidCase, node } from './crd-cases.ts'
import { upgradeCases } from './crd-invalid-upgrades.ts'

const quantity = 'must be a quantity of zero or more'
const cron = 'must be a cron expression of five fields'

function withGeneration(fields: object): unknown {
  return node({ snapshotGeneration: { ...generation, ...fields } })
}
function withDestination(fields: object): unknown {
  return withGeneration({ destination: { s3: { bucket: 'snapshots', region: 'us-east-2', ...fields } } })
}

const SOURCE = 'spec.networkPolicy.sidecarFrom[0]'
function admits(source: object): unknown {
  return node({ networkPolicy: { sidecarFrom: [source] } })
}

/** Of `spec.storage.autoGrow`, beside a size of 1000Gi: the field that is wrong, and what is said of it. */
const growthCases = (
  [
    ['growth without a largest size', {}, 'maxSize', 'Required value'],
    ['growth to a size without a unit', { maxSize: 4000 }, 'maxSize', 'maxSize must be a quantity of at least 1Gi'],
    ['growth to less than the size', { maxSize: '999Gi' }, 'maxSize', 'maxSize must not be below size'],
    [
      'growth of half a volume',
      { maxSize: '4Ti', whenUsedPercent: 49 },
      'whenUsedPercent',
      'greater than or equal to 50',
    ],
    ['growth of a full volume', { maxSize: '4Ti', whenUsedPercent: 96 }, 'whenUsedPercent', 'less than or equal to 95'],
    ['growth by a number', { maxSize: '4Ti', by: 20 }, 'by', 'by must be a percentage from "1%" to "100%", or'],
    ['growth by nothing', { maxSize: '4Ti', by: '0%' }, 'by', 'by must be a percentage'],
    ['growth by more than its size', { maxSize: '4Ti', by: '101%' }, 'by', 'by must be a percentage'],
    ['growth by half a percent', { maxSize: '4Ti', by: '0.5%' }, 'by', 'by must be a percentage'],
    ['growth by some MiB', { maxSize: '4Ti', by: '100Mi' }, 'by', 'a quantity of at least 1Gi'],
    ['growth by words', { maxSize: '4Ti', by: 'a bit' }, 'by', 'by must be a percentage'],
    ['growth every second', { maxSize: '4Ti', coolDown: '59s' }, 'coolDown', 'a duration of at least one minute'],
    ['growth at a time', { maxSize: '4Ti', coolDown: 'noon' }, 'coolDown', 'a duration of at least one minute'],
  ] as const satisfies readonly (readonly [title: string, autoGrow: object, field: string, says: string])[]
).map(([title, autoGrow, field, says]) => ({
  title,
  spec: node({ storage: { size: '1000Gi', autoGrow } }),
  says: [`spec.storage.autoGrow.${field}`, says],
}))

export const invalidSettings: readonly InvalidCase[] = [
  {
    title: 'an override that is a number',
    spec: node({ overrides: { 'a.b': 5 } }),
    says: ['spec.overrides.a.b', 'must be of type string'],
  },
  {
    title: 'an override key without a dot',
    spec: node({ overrides: { pruning: 'x' } }),
    says: ['spec.overrides', 'dotted snake_case'],
  },
  {
    title: 'an override key in the style of app.toml',
    spec: node({ overrides: { 'state-sync.snapshot-interval': '1' } }),
    says: ['spec.overrides', 'dotted snake_case'],
  },
  {
    title: 'snapshots without keepRecent',
    spec: node({ snapshotGeneration: {} }),
    says: ['spec.snapshotGeneration.keepRecent', 'Required'],
  },
  {
    title: 'one recent snapshot',
    spec: withGeneration({ keepRecent: 1 }),
    says: ['spec.snapshotGeneration.keepRecent', 'greater than or equal to 2'],
  },
  {
    title: 'a snapshot every zero blocks',
    spec: withGeneration({ interval: 0 }),
    says: ['spec.snapshotGeneration.interval', 'greater than or equal to 1'],
  },
  {
    title: 'a schedule in words',
    spec: withGeneration({ schedule: 'daily' }),
    says: ['spec.snapshotGeneration.schedule', cron],
  },
  {
    title: 'a schedule of four fields',
    spec: withGeneration({ schedule: '0 0 * *' }),
    says: ['spec.snapshotGeneration.schedule', cron],
  },
  {
    title: 'a schedule of six fields',
    spec: withGeneration({ schedule: '0 0 0 * * *' }),
    says: ['spec.snapshotGeneration.schedule', cron],
  },
  {
    title: 'a schedule at minute 60',
    spec: withGeneration({ schedule: '60 0 * * *' }),
    says: ['spec.snapshotGeneration.schedule', cron],
  },
  {
    title: 'a schedule at hour 24',
    spec: withGeneration({ schedule: '0 24 * * *' }),
    says: ['spec.snapshotGeneration.schedule', cron],
  },
  {
    title: 'an empty destination',
    spec: withGeneration({ destination: {} }),
    says: ['spec.snapshotGeneration.destination.s3', 'Required'],
  },
  {
    title: 'a destination bucket with a scheme',
    spec: withDestination({ bucket: 's3://snapshots' }),
    says: ['spec.snapshotGeneration.destination.s3.bucket', 'without s3://'],
  },
  {
    title: 'a destination bucket of two letters',
    spec: withDestination({ bucket: 'ab' }),
    says: ['spec.snapshotGeneration.destination.s3.bucket', 'at least 3 chars'],
  },
  {
    title: 'a destination prefix with a leading slash',
    spec: withDestination({ prefix: '/state-sync' }),
    says: ['spec.snapshotGeneration.destination.s3.prefix', 'without a leading "/"'],
  },
  ...['299s', '5', '-10m', '0s'].map(restartStuckAfter => ({
    title: `a restart when the node has been stuck for ${restartStuckAfter}`,
    spec: node({ healthPolicy: { restartStuckAfter } }),
    says: ['spec.healthPolicy.restartStuckAfter', 'at least 5 minutes'],
  })),
  ...[0, -1].map(haltHeight => ({
    title: `a halt at height ${haltHeight}`,
    spec: node({ haltHeight }),
    says: ['spec.haltHeight', 'greater than or equal to 1'],
  })),
  {
    title: 'a height to halt at as a string',
    spec: node({ haltHeight: '100' }),
    says: ['spec.haltHeight', 'must be of type integer'],
  },
  ...upgradeCases(upgrades => node({ upgrades }), 'spec.upgrades'),
  {
    title: 'a sidecar image with a newline',
    spec: node({ sidecar: { image: 'a\nb' } }),
    says: ['spec.sidecar.image', 'without spaces'],
  },
  {
    title: 'a sidecar port of zero',
    spec: node({ sidecar: { port: 0 } }),
    says: ['spec.sidecar.port', 'greater than or equal to 1'],
  },
  {
    title: 'a sidecar port of 65536',
    spec: node({ sidecar: { port: 65_536 } }),
    says: ['spec.sidecar.port', 'less than or equal to 65535'],
  },
  {
    title: "seid's port for the sidecar",
    spec: node({ sidecar: { port: 26_657 } }),
    says: ['spec.sidecar.port', 'seid does not use'],
  },
  {
    title: 'memory in an unknown unit',
    spec: node({ resources: { requests: { memory: '32GB' } } }),
    says: ['spec.resources.requests[memory]', quantity],
  },
  {
    title: 'negative CPU',
    spec: node({ resources: { limits: { cpu: '-1' } } }),
    says: ['spec.resources.limits[cpu]', quantity],
  },
  {
    title: 'an unknown resource',
    spec: node({ resources: { limits: { mem: '1Gi' } } }),
    says: ['spec.resources.limits', 'must name resources'],
  },
  {
    title: 'requests above limits',
    spec: node({ resources: { limits: { cpu: 1 }, requests: { cpu: '1500m' } } }),
    says: ['spec.resources', 'requests must not be above limits'],
  },
  {
    title: "the sidecar's requests above its limits",
    spec: node({ sidecar: { resources: { limits: { memory: '1Gi' }, requests: { memory: '1025Mi' } } } }),
    says: ['spec.sidecar.resources', 'requests must not be above limits'],
  },
  {
    title: 'a size without a unit',
    spec: node({ storage: { size: 1000 } }),
    says: ['spec.storage.size', 'at least 1Gi'],
  },
  { title: 'a size of zero', spec: node({ storage: { size: '0' } }), says: ['spec.storage.size', 'at least 1Gi'] },
  { title: 'a size in words', spec: node({ storage: { size: 'large' } }), says: ['spec.storage.size', 'at least 1Gi'] },
  {
    title: 'a size that is true',
    spec: node({ storage: { size: true } }),
    says: ['spec.storage.size', 'must be of type integer,string'],
  },
  {
    title: 'a StorageClass in capitals',
    spec: node({ storage: { storageClassName: 'GP3' } }),
    says: ['spec.storage.storageClassName', 'must be an object name'],
  },
  {
    title: 'retainOnDelete as a string',
    spec: node({ storage: { retainOnDelete: 'yes' } }),
    says: ['spec.storage.retainOnDelete', 'must be of type boolean'],
  },
  ...growthCases,
  { title: 'a source for the sidecar that names nothing', spec: admits({}), says: [SOURCE, 'must set ipBlock'] },
  {
    title: 'a source for the sidecar of addresses and pods',
    spec: admits({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }),
    says: [SOURCE, 'must set ipBlock, or podSelector, namespaceSelector or both'],
  },
  {
    title: 'an address for a range of addresses',
    spec: admits({ ipBlock: { cidr: '10.0.0.1' } }),
    says: [`${SOURCE}.ipBlock.cidr`, 'must be a range of addresses such as 10.0.0.0/16'],
  },
  {
    title: 'a range of addresses that are none',
    spec: admits({ ipBlock: { cidr: '10.0.0.256/24' } }),
    says: [`${SOURCE}.ipBlock.cidr`, 'must be a range of addresses such as 10.0.0.0/16'],
  },
  {
    title: 'a label key with a space',
    spec: admits({ podSelector: { matchLabels: { 'my app': 'x' } } }),
    says: [`${SOURCE}.podSelector.matchLabels`, 'must be a label key'],
  },
  {
    title: 'a label value with a slash',
    spec: admits({ podSelector: { matchLabels: { app: 'a/b' } } }),
    says: [`${SOURCE}.podSelector.matchLabels`, 'must be a label value'],
  },
  {
    title: 'no labels where some are to match',
    spec: admits({ podSelector: { matchLabels: {} } }),
    says: [`${SOURCE}.podSelector.matchLabels`, 'at least 1'],
  },
  {
    title: 'an operator that Kubernetes does not have',
    spec: admits({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } }),
    says: [`${SOURCE}.namespaceSelector.matchExpressions[0].operator`, '"In", "NotIn", "Exists", "DoesNotExist"'],
  },
  {
    title: 'In without values',
    spec: admits({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    says: [`${SOURCE}.namespaceSelector.matchExpressions[0]`, 'values must be set where operator is In or NotIn'],
  },
  {
    title: 'Exists with values',
    spec: admits({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
    says: [`${SOURCE}.namespaceSelector.matchExpressions[0]`, 'and only there'],
  },
  { title: 'paused as a string', spec: node({ paused: 'true' }), says: ['spec.paused', 'must be of type boolean'] },
  { title: 'a name with a dot', name: 'mainnet.0', spec: node(), says: ['metadata.name', 'at most 52 characters'] },
  {
    title: 'a name that starts with a digit',
    name: '0-mainnet',
    spec: node(),
    says: ['metadata.name', 'the first a letter'],
  },
  {
    title: 'a name of 53 characters',
    name: 'a'.repeat(53),
    spec: node(),
    says: ['metadata.name', 'at most 52 characters'],
  },
]
