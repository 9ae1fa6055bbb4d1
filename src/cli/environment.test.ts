/** The environment is read with its defaults, and every mistake in it is told at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EnvironmentError, PLATFORM_VARIABLES, readPlatform } from './environment.ts'

test('R14: an empty environment gives the documented defaults', () => {
  assert.deepEqual(readPlatform({}), {
    nodepoolName: 'sei-node',
    tolerationKey: 'sei.io/workload',
    tolerationValue: 'sei-node',
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
    storageSizeGenesis: '10Gi',
    clusterDomain: 'cluster.local',
    awsRegion: 'us-east-2',
    resultExportBucket: 'sei-node-mvp',
    resultExportRegion: 'us-east-2',
  })
})

test('R14: each variable fills its own setting', () => {
  for (const [setting, { name, kind }] of Object.entries(PLATFORM_VARIABLES)) {
    const value = kind === 'quantity' ? '7Gi' : 'eu-west-9'
    const changed = Object.entries(readPlatform({ [name]: value })).filter(([, found]) => found === value)
    assert.deepEqual(changed, [[setting, value]], name)
  }
})

test('R14: one message names every wrong variable, what it holds and what is allowed', () => {
  const wrong = { SEI_NODEPOOL_NAME: 'a b', SEI_STORAGE_SIZE_DEFAULT: 'plenty', SEI_RESOURCE_CPU_DEFAULT: '0' }
  assert.throws(
    () => readPlatform(wrong),
    (error: unknown) => {
      assert.ok(error instanceof EnvironmentError)
      assert.match(error.message, /SEI_NODEPOOL_NAME must be a Kubernetes label value.*, found "a b"/)
      assert.match(error.message, /SEI_STORAGE_SIZE_DEFAULT must be a Kubernetes quantity.*, found "plenty"/)
      assert.match(error.message, /SEI_RESOURCE_CPU_DEFAULT must be a Kubernetes quantity above 0.*, found "0"/)
      return true
    },
  )
})

test('R14: the settings cannot be changed after they were read', () => {
  assert.ok(Object.isFrozen(readPlatform({})))
})
