/** The platform's settings from environment variables: `readPlatform` is the only place that reads them. */
import type { PlatformConfig } from '../build/platform.ts'
import { compareQuantities, parseQuantity } from '../lib/quantity.ts'
import { VERSION } from './version.ts'

export interface EnvironmentVariable {
  readonly name: string
  readonly default: string
  readonly meaning: string
  readonly kind: VariableKind
}

export type VariableKind = keyof typeof VARIABLE_KINDS

interface Kind {
  /** Completes the sentence "must be ...". */
  readonly allowed: string
  readonly accepts: (value: string) => boolean
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const labelValue = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const qualifiedName =
  /^((?=.{1,253}\/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const bucket = /^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/
const image = /^\S{1,512}$/
const isName = (value: string): boolean => dnsSubdomain.test(value)

export const VARIABLE_KINDS = {
  dnsSubdomain: {
    allowed: 'a DNS name of lower-case letters, digits, "-" and "."',
    accepts: value => dnsSubdomain.test(value),
  },
  labelKey: {
    allowed: 'a Kubernetes label key such as "sei.io/workload"',
    accepts: value => qualifiedName.test(value),
  },
  labelValue: {
    allowed: 'a Kubernetes label value: at most 63 letters, digits, "-", "_" and "."',
    accepts: value => labelValue.test(value),
  },
  volumeSize: {
    allowed: 'the size of a volume from 1Gi to 1Pi, with its unit, such as "1000Gi" or "2Ti"',
    accepts: value => isBetween(value, '1Gi', '1Pi'),
  },
  cpu: {
    allowed: 'CPUs from 10m to 1024, such as "4" or "500m"',
    accepts: value => isBetween(value, '10m', '1024'),
  },
  memory: {
    allowed: 'an amount of memory from 64Mi to 64Ti, with its unit, such as "32Gi"',
    accepts: value => isBetween(value, '64Mi', '64Ti'),
  },
  image: { allowed: 'an image reference without spaces', accepts: value => image.test(value) },
  region: {
    allowed: 'an AWS region such as "us-east-2"',
    accepts: value => dnsLabel.test(value),
  },
  bucket: { allowed: 'an S3 bucket name', accepts: value => bucket.test(value) },
  namespaceOrNone: {
    allowed: 'the name of a namespace, or empty',
    accepts: value => value === '' || dnsLabel.test(value),
  },
  nameOrNone: {
    allowed: 'the name of an object, or empty',
    accepts: value => value === '' || isName(value),
  },
  names: {
    allowed: 'names of objects, separated by commas, or empty',
    accepts: value => namesIn(value).every(isName),
  },
  boolean: {
    allowed: '"true" or "false"',
    accepts: value => value === 'true' || value === 'false',
  },
} as const satisfies Record<string, Kind>

function namesIn(value: string): readonly string[] {
  return value === '' ? [] : value.split(',')
}

function isBetween(value: string, least: string, most: string): boolean {
  return (
    parseQuantity(value) !== undefined && compareQuantities(value, least) >= 0 && compareQuantities(value, most) <= 0
  )
}

/** The variables by setting, in the order of the documentation. */
export const PLATFORM_VARIABLES: Readonly<Record<keyof PlatformConfig, EnvironmentVariable>> = {
  nodepoolName: variable(
    'SEI_NODEPOOL_NAME',
    'sei-node',
    'labelValue',
    'Karpenter NodePool that pods are scheduled to',
  ),
  tolerationKey: variable('SEI_TOLERATION_KEY', 'sei.io/workload', 'labelKey', 'taint key that pods tolerate'),
  tolerationValue: variable('SEI_TOLERATION_VALUE', 'sei-node', 'labelValue', 'taint value that pods tolerate'),
  spreadValidators: variable(
    'SEI_SPREAD_VALIDATORS',
    'true',
    'boolean',
    'validators of a pool prefer machines and zones without another one, where their spec has no topologySpreadConstraints',
  ),
  priorityClass: variable(
    'SEI_PRIORITY_CLASS',
    '',
    'nameOrNone',
    "PriorityClass of node pods and of a pool's Jobs where scheduling.priorityClassName is absent; empty: none",
  ),
  imagePullSecrets: variable(
    'SEI_IMAGE_PULL_SECRETS',
    '',
    'names',
    "Secrets in the nodes' namespaces that images are pulled with where imagePullSecrets is absent, separated by commas; empty: those of the ServiceAccount",
  ),
  serviceAccount: variable('SEI_SERVICE_ACCOUNT', 'seid-node', 'dnsSubdomain', 'ServiceAccount of node pods'),
  storageClassPerf: variable(
    'SEI_STORAGE_CLASS_PERF',
    'gp3-10k-750',
    'dnsSubdomain',
    'StorageClass of full, validator and archive nodes',
  ),
  storageClassDefault: variable('SEI_STORAGE_CLASS_DEFAULT', 'gp3', 'dnsSubdomain', 'StorageClass of the other modes'),
  storageClassGenesis: variable(
    'SEI_STORAGE_CLASS_GENESIS',
    'efs-sc',
    'dnsSubdomain',
    "ReadWriteMany StorageClass of a pool's genesis volume",
  ),
  storageSizeDefault: variable(
    'SEI_STORAGE_SIZE_DEFAULT',
    '1000Gi',
    'volumeSize',
    'volume size of nodes other than archive',
  ),
  storageSizeArchive: variable('SEI_STORAGE_SIZE_ARCHIVE', '2000Gi', 'volumeSize', 'volume size of archive nodes'),
  cpuArchive: variable('SEI_RESOURCE_CPU_ARCHIVE', '8', 'cpu', 'CPU request of archive nodes'),
  memoryArchive: variable('SEI_RESOURCE_MEM_ARCHIVE', '48Gi', 'memory', 'memory request of archive nodes'),
  cpuDefault: variable('SEI_RESOURCE_CPU_DEFAULT', '4', 'cpu', 'CPU request of nodes other than archive'),
  memoryDefault: variable('SEI_RESOURCE_MEM_DEFAULT', '32Gi', 'memory', 'memory request of nodes other than archive'),
  sidecarImage: variable(
    'SEI_SIDECAR_IMAGE',
    'ghcr.io/sei-protocol/seictl:latest',
    'image',
    'sidecar image where spec.sidecar.image is absent',
  ),
  operatorImage: variable(
    'SEI_OPERATOR_IMAGE',
    `ghcr.io/sei-protocol/sei-k8s-controller:v${VERSION}`,
    'image',
    "image of this operator, which patches genesis files in a pool's ceremony; in a cluster, its own pod's unless set",
  ),
  operatorNamespace: variable(
    'POD_NAMESPACE',
    '',
    'namespaceOrNone',
    "namespace of the operator's pods, which NetworkPolicies of nodes and pools admit; empty outside a cluster: nodes of no pool get none then",
  ),
  nodeNetworkPolicies: variable(
    'SEI_NODE_NETWORK_POLICIES',
    'true',
    'boolean',
    'a NetworkPolicy for each SeiNode of no pool, which closes the sidecar\'s port; "false" removes those that are there',
  ),
  storageSizeGenesis: variable('SEI_STORAGE_SIZE_GENESIS', '10Gi', 'volumeSize', "size of a pool's genesis volume"),
  clusterDomain: variable('SEI_CLUSTER_DOMAIN', 'cluster.local', 'dnsSubdomain', 'DNS domain of the cluster'),
  awsRegion: variable('SEI_AWS_REGION', 'us-east-2', 'region', 'AWS region of buckets whose region no manifest names'),
  resultExportBucket: variable(
    'SEI_RESULT_EXPORT_BUCKET',
    'sei-node-mvp',
    'bucket',
    'bucket of replayer results where spec.replayer.resultExport names none',
  ),
  resultExportRegion: variable(
    'SEI_RESULT_EXPORT_REGION',
    'us-east-2',
    'region',
    'region of that bucket where spec.replayer.resultExport names none',
  ),
}

/** Names every invalid variable with its value and the allowed values. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
}

/**
 * Reads the settings from `environment`. Absent and empty variables have their defaults.
 * @throws EnvironmentError that lists all invalid variables
 */
export function readPlatform(environment: Readonly<Record<string, string | undefined>>): PlatformConfig {
  const problems: string[] = []
  const read = (setting: keyof PlatformConfig): string => {
    const { name, kind, default: fallback } = PLATFORM_VARIABLES[setting]
    const value = environment[name] || fallback
    const { accepts, allowed }: Kind = VARIABLE_KINDS[kind]
    if (!accepts(value)) problems.push(`${name} must be ${allowed}, found ${JSON.stringify(value)}`)
    return value
  }
  const platform: PlatformConfig = {
    nodepoolName: read('nodepoolName'),
    tolerationKey: read('tolerationKey'),
    tolerationValue: read('tolerationValue'),
    spreadValidators: read('spreadValidators') === 'true',
    priorityClass: read('priorityClass'),
    imagePullSecrets: namesIn(read('imagePullSecrets')),
    serviceAccount: read('serviceAccount'),
    storageClassPerf: read('storageClassPerf'),
    storageClassDefault: read('storageClassDefault'),
    storageClassGenesis: read('storageClassGenesis'),
    storageSizeDefault: read('storageSizeDefault'),
    storageSizeArchive: read('storageSizeArchive'),
    cpuArchive: read('cpuArchive'),
    memoryArchive: read('memoryArchive'),
    cpuDefault: read('cpuDefault'),
    memoryDefault: read('memoryDefault'),
    sidecarImage: read('sidecarImage'),
    operatorImage: read('operatorImage'),
    operatorNamespace: read('operatorNamespace'),
    nodeNetworkPolicies: read('nodeNetworkPolicies') === 'true',
    storageSizeGenesis: read('storageSizeGenesis'),
    clusterDomain: read('clusterDomain'),
    awsRegion: read('awsRegion'),
    resultExportBucket: read('resultExportBucket'),
    resultExportRegion: read('resultExportRegion'),
  }
  if (problems.length > 0) throw new EnvironmentError(`wrong environment variables: ${problems.join('; ')}`)
  return Object.freeze(platform)
}

function variable(name: string, fallback: string, kind: VariableKind, meaning: string): EnvironmentVariable {
  return { name, default: fallback, kind, meaning }
}
