/** Schemas that both kinds share, or that one kind uses several times. */
import { z } from 'zod'
import { sidecarEnvironment } from './environment.ts'
import { autoGrow, autoGrowRules } from './auto-grow.ts'
import { MAX_OVERRIDE_VALUE } from './limits.ts'
import { HOST_PORT, PEER } from './peer-address.ts'
import { withRules } from './rules.ts'
import { SEID_PORTS } from './names.ts'
import {
  bucket,
  cron,
  duration,
  formatted,
  image,
  int32,
  int64,
  keyPrefix,
  map,
  objectName,
  patience,
  quantity,
  region,
  volumeSize,
} from './scalars.ts'

export const entrypoint = withRules(
  z.object({
    command: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(64)
      .describe('The program and its first arguments. Default: ["seid"].')
      .exactOptional(),
    args: z
      .array(z.string().max(4096))
      .max(256)
      .describe("Arguments after the command. Default: none. $(VAR) is expanded from the container's environment.")
      .exactOptional(),
  }),
  // With an empty entrypoint seid would print its help and exit.
  { rule: 'has(self.command) || has(self.args)', message: 'entrypoint must set command, args or both' },
)

const resourceList = withRules(
  map(quantity, 16),
  // The API server would refuse other names later, in the pod.
  {
    rule: 'self.all(k, k in ["cpu", "memory", "ephemeral-storage"] || k.startsWith("hugepages-") || k.contains("/"))',
    message:
      "must name resources: cpu, memory, ephemeral-storage, hugepages-SIZE or a vendor's such as example.com/gpu",
  },
)

export const resourceRequirements = withRules(
  z.object({
    limits: resourceList.describe('The most that the container may use, by resource.').exactOptional(),
    requests: resourceList.describe('What the container is guaranteed, by resource.').exactOptional(),
  }),
  // The API server would refuse the StatefulSet.
  {
    rule: `!has(self.limits) || !has(self.requests) || self.requests.all(k, !(k in self.limits) ||
!isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k])) ||
!quantity(string(self.requests[k])).isGreaterThan(quantity(string(self.limits[k]))))`.replaceAll('\n', ' '),
    message: 'requests must not be above limits',
  },
)

const seidPorts = [...Object.values(SEID_PORTS), 1317, 9091]

export const sidecar = z.object({
  image: image
    .describe("Image of the sidecar. Default: the platform's (ghcr.io/sei-protocol/seictl:latest).")
    .exactOptional(),
  port: withRules(
    int32(1, 65_535),
    // The sidecar shares the pod's network with seid.
    {
      rule: `!(self in [${seidPorts.join(', ')}])`,
      message: `port must be one that seid does not use: ${seidPorts.join(', ')} are taken`,
    },
  )
    .describe('Port that the sidecar listens on. Default: 7777.')
    .default(7777),
  resources: resourceRequirements.describe('CPU and memory of the sidecar.').exactOptional(),
  env: sidecarEnvironment.describe('Further environment variables of the sidecar.').exactOptional(),
})

export const storage = withRules(
  z.object({
    retainOnDelete: z
      .boolean()
      .describe(
        'Keep the data volume when the object is deleted; one of the same name adopts it again. Default: false.',
      )
      .default(false),
    size: volumeSize
      .describe(
        "Size of the data volume, such as 1000Gi. The volume may grow, never shrink; a growth that failed can be taken back. Default for a new volume: the platform's, by mode. Without it the size of a volume that exists is left alone.",
      )
      .exactOptional(),
    storageClassName: objectName('storageClassName')
      .describe("StorageClass of the data volume; immutable. Default: the platform's, by mode.")
      .exactOptional(),
    autoGrow: autoGrow
      .describe(
        'Grow the data volume before it is full. size stays as it is: what the volume was grown to is on record on its claim. Default: it does not grow by itself.',
      )
      .exactOptional(),
  }),
  ...autoGrowRules,
)

/** Keys of the seid configuration in the sidecar's spelling. */
export function overrides(maxKeys: number): z.ZodRecord<z.ZodString, z.ZodString> {
  return withRules(
    map(z.string().max(MAX_OVERRIDE_VALUE), maxKeys),
    // The sidecar refuses other keys, but only when it runs.
    {
      rule: 'self.all(k, k.size() <= 128 && k.matches("^[a-z0-9_]+([.][a-z0-9_]+)+$"))',
      message:
        "keys of overrides must be dotted snake_case paths of seid's configuration such as storage.snapshot_interval",
    },
  )
}

const ec2Tags = z.object({
  region: region.describe('AWS region of the instances.'),
  tags: withRules(map(z.string().min(1).max(256), 32).meta({ minProperties: 1 }), {
    rule: 'self.all(k, k.size() >= 1 && k.size() <= 128)',
    message: 'tag names must have 1 to 128 characters',
  }).describe('Tags that an instance must carry, all of them, with these values.'),
})

const staticPeers = z.object({
  addresses: z
    .array(
      formatted(
        320,
        PEER,
        'must be NODEID@HOST:PORT: a node id of 40 hex digits, a host name or address, and a port',
      ).describe('One peer, NODEID@HOST:PORT.'),
    )
    .min(1)
    .max(64)
    .describe('Peers, each NODEID@HOST:PORT.'),
})

export const peer = withRules(
  z.object({
    ec2Tags: ec2Tags.describe('Peers are the running EC2 instances that carry these tags.').exactOptional(),
    static: staticPeers.describe('Peers are named outright.').exactOptional(),
  }),
  // Exactly one: of two, one would be ignored.
  {
    rule: 'has(self.ec2Tags) != has(self.static)',
    message: 'a peer source must set exactly one of ec2Tags and static',
  },
)

export const peers = z.array(peer.describe('One source of peers: ec2Tags or static.')).max(16)

/** RPC servers that the sidecar queries for the trusted block of state sync. */
const rpcServers = z
  .array(
    formatted(
      320,
      new RegExp(`^${HOST_PORT}$`),
      'must be HOST:PORT: a host name or address, and a port, without a scheme',
    ).describe('One server, HOST:PORT.'),
  )
  .min(1)
  .max(16)

const snapshotS3 = z.object({
  uri: formatted(
    1024,
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?$/,
    'uri must be s3://BUCKET or s3://BUCKET/PREFIX',
  )
    .describe(
      'Where the snapshots are, s3://BUCKET[/PREFIX]; which part of it is read depends on the version of the sidecar. Default: s3://CHAINID-snapshots/state-sync/.',
    )
    .exactOptional(),
  region: region.describe('AWS region of the bucket.'),
  targetHeight: int64(1)
    .describe('Restore the newest snapshot at or below this height. Default: the newest of all.')
    .exactOptional(),
})

export const snapshot = withRules(
  z.object({
    s3: snapshotS3.describe('Restore a snapshot from S3 before seid starts.').exactOptional(),
    stateSync: z
      .object({})
      .describe('Fetch a snapshot from the peers when seid starts. It has no settings: {}.')
      .exactOptional(),
    trustPeriod: duration
      .describe('How old the state may be that state sync trusts. Default: 9999h0m0s.')
      .default('9999h0m0s'),
    rpcServers: rpcServers
      .describe(
        'RPC servers that are asked for the block that state sync trusts, each HOST:PORT, for peers that serve no RPC. Needs a sidecar of v0.0.55 or newer; older ones ask the peers. Default: the peers, at port 26657.',
      )
      .exactOptional(),
    backfillBlocks: int64(0)
      .describe('Blocks before the snapshot that state sync fetches as well. Default: none.')
      .exactOptional(),
  }),
  // Exactly one: a node starts from one state.
  {
    rule: 'has(self.s3) != has(self.stateSync)',
    message: 'snapshot must set exactly one of s3 and stateSync',
  },
)

const s3Destination = z.object({
  bucket: bucket.describe('Bucket that the snapshots go to.'),
  prefix: keyPrefix.describe('Key prefix of the snapshots, such as state-sync/. Default: none.').exactOptional(),
  region: region.describe('AWS region of the bucket.'),
})

export const snapshotGeneration = z.object({
  interval: int64(1).describe('Blocks from one snapshot to the next. Default: 2000.').default(2000),
  keepRecent: int32(2, 1000).describe(
    'Snapshots that stay on the volume; at least 2, since the second newest is uploaded.',
  ),
  schedule: cron
    .describe('When snapshots are uploaded, in UTC; used with a destination. Default: daily.')
    .default('0 0 * * *'),
  destination: z
    .object({ s3: s3Destination.describe('An S3 bucket.') })
    .describe('Where snapshots are uploaded to. Default: they stay on the volume.')
    .exactOptional(),
})

export const resultExport = z.object({
  bucket: bucket.describe("Bucket that the results go to. Default: the platform's (sei-node-mvp).").exactOptional(),
  region: region.describe("AWS region of the bucket. Default: the platform's (us-east-2).").exactOptional(),
  prefix: keyPrefix.describe('Key prefix of the results. Default: shadow-results/CHAINID/.').exactOptional(),
  schedule: cron.describe('When results are exported, in UTC. Default: every ten minutes.').default('*/10 * * * *'),
})

export const healthPolicy = z.object({
  restartStuckAfter: patience
    .describe(
      'Restart the node once when it has been Stuck for this long, while other nodes of its chain have new blocks. At least 5m. Default: never. A validator is restarted only in a SeiNodePool, while enough others follow the chain.',
    )
    .exactOptional(),
})

export type Entrypoint = z.infer<typeof entrypoint>
export type ResourceRequirements = z.infer<typeof resourceRequirements>
export type Peer = z.infer<typeof peer>
export type Snapshot = z.infer<typeof snapshot>
