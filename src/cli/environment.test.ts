/** The environment is read with its defaults, and all mistakes are reported at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EnvironmentError, PLATFORM_VARIABLES, readPlatform } from './environment.ts'

test('R14: an empty environment gives the documented defaults', () => {
  assert.deepEqual(readPlatform({}), {
    nodepoolName: 'sei-node',
    tolerationKey: 'sei.io/workload',
    tolerationValue: 'sei-node',
    spreadValidators: true,
    priorityClass: '',
    imagePullSecrets: [],
    serviceAccount: 'seid-node',
    storageClassPerf: 'gp3-10k-750',
    storageClassDefault: 'gp3',
    storageClassGenesis: 'efs-sc',
    storageSizeDefault: '1000Gi',
    storageSizeArchive: '2000Gi',
    cpuArchive: '8',
    memoryArchive: '48Gi',
    cpuDefault: '4',
    memoryDefault: '32Gi',
    sidecarImage: 'ghcr.io/sei-protocol/seictl:latest',
    operatorImage: 'ghcr.io/sei-protocol/sei-k8s-controller:v0.1.0',
    operatorNamespace: '',
    nodeNetworkPolicies: true,
    storageSizeGenesis: '10Gi',
    clusterDomain: 'cluster.local',
    awsRegion: 'us-east-2',
    resultExportBucket: 'sei-node-mvp',
    resultExportRegion: 'us-east-2',
  })
})

/** Of the kinds that do not take any name. */
const VALUES: Readonly<Partial<Record<string, string>>> = {
  volumeSize: '7Gi',
  cpu: '700m',
  memory: '7Gi',
  boolean: 'false',
}

test('R14: each variable fills its own setting', () => {
  for (const [setting, { name, kind }] of Object.entries(PLATFORM_VARIABLES)) {
    const value = VALUES[kind] ?? 'eu-west-9'
    const settings = Object.entries(readPlatform({ [name]: value }))
    const changed = settings.filter(([, found]) => String(found) === value)
    assert.deepEqual(
      changed.map(([changedSetting]) => changedSetting),
      [setting],
      name,
    )
  }
})

test('R14: one message names every wrong variable, what it holds and what is allowed', () => {
  const wrong = { SEI_NODEPOOL_NAME: 'a b', SEI_STORAGE_SIZE_DEFAULT: 'plenty', SEI_RESOURCE_CPU_DEFAULT: '0' }
  assert.throws(
    () => readPlatform(wrong),
    (error: unknown) => {
      assert.ok(error instanceof EnvironmentError)
      assert.match(error.message, /SEI_NODEPOOL_NAME must be a Kubernetes label value.*, found "a b"/)
      assert.match(error.message, /SEI_STORAGE_SIZE_DEFAULT must be the size of a volume.*, found "plenty"/)
      assert.match(error.message, /SEI_RESOURCE_CPU_DEFAULT must be CPUs from 10m.*, found "0"/)
      return true
    },
  )
})

const SENSELESS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['SEI_STORAGE_SIZE_DEFAULT', ['1000', '1000m', '1023Mi', '0', '-1Gi', '2Pi']],
  ['SEI_STORAGE_SIZE_ARCHIVE', ['2000']],
  ['SEI_STORAGE_SIZE_GENESIS', ['10']],
  ['SEI_RESOURCE_CPU_DEFAULT', ['32Gi', '4Ki', '1m', '0', '1e6']],
  ['SEI_RESOURCE_CPU_ARCHIVE', ['48Gi']],
  ['SEI_RESOURCE_MEM_DEFAULT', ['4', '32', '500m', '32Mi', '1Pi']],
  ['SEI_RESOURCE_MEM_ARCHIVE', ['48']],
]
for (const [name, values] of SENSELESS) {
  for (const value of values) {
    test(`R14: ${name}=${value} is a quantity without sense, and refused`, () => {
      assert.throws(
        () => readPlatform({ [name]: value }),
        (error: unknown) => {
          assert.ok(error instanceof EnvironmentError)
          assert.ok(
            error.message.includes(`${name} must be `) && error.message.includes(`found "${value}"`),
            error.message,
          )
          return true
        },
      )
    })
  }
}

test('R14: the bounds of quantities are allowed themselves', () => {
  for (const [name, values] of [
    ['SEI_STORAGE_SIZE_DEFAULT', ['1Gi', '1Pi', '1073741824', '2T']],
    ['SEI_RESOURCE_CPU_DEFAULT', ['10m', '1024', '0.5']],
    ['SEI_RESOURCE_MEM_DEFAULT', ['64Mi', '64Ti', '32G']],
  ] as const) {
    for (const value of values) assert.doesNotThrow(() => readPlatform({ [name]: value }), `${name}=${value}`)
  }
})

test('R14: the settings cannot be changed after they were read', () => {
  assert.ok(Object.isFrozen(readPlatform({})))
})
