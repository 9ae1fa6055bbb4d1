/** The platform configuration of an empty environment, for tests. */
import type { PlatformConfig } from '../platform.ts'

export const platform: PlatformConfig = Object.freeze({
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
  operatorNamespace: 'sei-k8s-controller-system',
  nodeNetworkPolicies: true,
  storageSizeGenesis: '10Gi',
  clusterDomain: 'cluster.local',
  awsRegion: 'us-east-2',
  resultExportBucket: 'sei-node-mvp',
  resultExportRegion: 'us-east-2',
})
