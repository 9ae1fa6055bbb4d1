/** SeiNodes with one wrong field of what the node is and where it starts from, and what the API server says of it. */
import { genesisS3, type InvalidCase, node, peers, snapshot, without } from './crd-cases.ts'

const nodeId = 'ab'.repeat(20)
const duration = 'must be a duration above zero'

function withSnapshot(fields: object): unknown {
  return node({ peers, snapshot: { ...snapshot, ...fields } })
}
function withUri(uri: unknown): unknown {
  return node({ peers, snapshot: { s3: { region: 'us-east-2', uri } } })
}
function withAddress(address: unknown): unknown {
  return node({ peers: [{ static: { addresses: [address] } }] })
}
function withTags(tags: unknown, region: unknown = 'us-east-2'): unknown {
  return node({ peers: [{ ec2Tags: { region, tags } }] })
}

export const invalidFields: readonly InvalidCase[] = [
  { title: 'no chainId', spec: without(node(), 'chainId'), says: ['spec.chainId', 'Required'] },
  {
    title: 'an empty chainId',
    spec: node({ chainId: '' }),
    says: ['spec.chainId', 'must start with a letter or digit'],
  },
  {
    title: 'a chainId with shell syntax',
    spec: node({ chainId: 'x;rm -rf /', genesis: genesisS3 }),
    says: ['spec.chainId', 'must start with a letter or digit'],
  },
  {
    title: 'a chainId that starts with a dash',
    spec: node({ chainId: '-x', genesis: genesisS3 }),
    says: ['spec.chainId', 'must start with a letter or digit'],
  },
  { title: 'a chainId of 51 characters', spec: node({ chainId: 'a'.repeat(51) }), says: ['spec.chainId', 'Too long'] },
  { title: 'a chainId that is a number', spec: node({ chainId: 7 }), says: ['spec.chainId', 'must be of type string'] },
  { title: 'no image', spec: without(node(), 'image'), says: ['spec.image', 'Required'] },
  { title: 'an empty image', spec: node({ image: '' }), says: ['spec.image', 'without spaces'] },
  { title: 'an image with a space', spec: node({ image: 'sei: v1' }), says: ['spec.image', 'without spaces'] },
  { title: 'an image of 513 characters', spec: node({ image: 'a'.repeat(513) }), says: ['spec.image', 'Too long'] },
  {
    title: 'an unknown mode',
    spec: node({ mode: 'light' }),
    says: ['spec.mode', '"full", "validator", "archive", "seed"'],
  },
  { title: 'an empty entrypoint', spec: node({ entrypoint: {} }), says: ['spec.entrypoint', 'command, args or both'] },
  {
    title: 'an empty command',
    spec: node({ entrypoint: { command: [] } }),
    says: ['spec.entrypoint.command', 'at least 1'],
  },
  {
    title: 'arguments as one string',
    spec: node({ entrypoint: { args: 'start' } }),
    says: ['spec.entrypoint.args', 'must be of type array'],
  },
  {
    title: 'a genesis location without a key',
    spec: node({ genesis: { s3: { uri: 's3://bucket', region: 'us-east-2' } } }),
    says: ['spec.genesis.s3.uri', 's3://BUCKET/KEY'],
  },
  {
    title: 'a genesis location by https',
    spec: node({ genesis: { s3: { uri: 'https://x/genesis.json', region: 'us-east-2' } } }),
    says: ['spec.genesis.s3.uri', 's3://BUCKET/KEY'],
  },
  {
    title: 'a genesis location without a region',
    spec: node({ genesis: { s3: { uri: 's3://bucket/genesis.json' } } }),
    says: ['spec.genesis.s3.region', 'Required'],
  },
  {
    title: 'a genesis location without a uri',
    spec: node({ genesis: { s3: { region: 'us-east-2' } } }),
    says: ['spec.genesis.s3.uri', 'Required'],
  },
  {
    title: 'a genesis volume without a name',
    spec: node({ genesis: { pvc: {} } }),
    says: ['spec.genesis.pvc.dataPVC', 'Required'],
  },
  {
    title: 'a genesis volume with a path for a name',
    spec: node({ genesis: { pvc: { dataPVC: '../data' } } }),
    says: ['spec.genesis.pvc.dataPVC', 'must be an object name'],
  },
  {
    title: 'a snapshot location that is a path',
    spec: withUri('/snapshots'),
    says: ['spec.snapshot.s3.uri', 's3://BUCKET'],
  },
  {
    title: 'a snapshot location with a space',
    spec: withUri('s3://bucket/a b'),
    says: ['spec.snapshot.s3.uri', 's3://BUCKET'],
  },
  {
    title: 'a snapshot bucket in capitals',
    spec: withUri('s3://Bucket'),
    says: ['spec.snapshot.s3.uri', 's3://BUCKET'],
  },
  {
    title: 'a snapshot location without a region',
    spec: node({ peers, snapshot: { s3: {} } }),
    says: ['spec.snapshot.s3.region', 'Required'],
  },
  {
    title: 'a snapshot region in words',
    spec: node({ peers, snapshot: { s3: { region: 'US East (Ohio)' } } }),
    says: ['spec.snapshot.s3.region', 'AWS region such as us-east-2'],
  },
  {
    title: 'a target height of zero',
    spec: node({ peers, snapshot: { s3: { region: 'us-east-2', targetHeight: 0 } } }),
    says: ['spec.snapshot.s3.targetHeight', 'greater than or equal to 1'],
  },
  {
    title: 'a trust period without a unit',
    spec: withSnapshot({ trustPeriod: '100' }),
    says: ['spec.snapshot.trustPeriod', duration],
  },
  {
    title: 'a trust period in days',
    spec: withSnapshot({ trustPeriod: '7d' }),
    says: ['spec.snapshot.trustPeriod', duration],
  },
  {
    title: 'a trust period of zero',
    spec: withSnapshot({ trustPeriod: '0s' }),
    says: ['spec.snapshot.trustPeriod', duration],
  },
  {
    title: 'a negative trust period',
    spec: withSnapshot({ trustPeriod: '-1h' }),
    says: ['spec.snapshot.trustPeriod', duration],
  },
  {
    title: 'an RPC server with a scheme',
    spec: withSnapshot({ rpcServers: ['https://rpc.example.com'] }),
    says: ['spec.snapshot.rpcServers[0]', 'HOST:PORT'],
  },
  {
    title: 'no RPC server in a list of them',
    spec: withSnapshot({ rpcServers: [] }),
    says: ['spec.snapshot.rpcServers', 'at least 1'],
  },
  {
    title: 'a hash of a genesis file in capitals',
    spec: node({ genesis: { s3: { uri: 's3://b-1/genesis.json', region: 'us-east-2', sha256: 'AB'.repeat(32) } } }),
    says: ['spec.genesis.s3.sha256', '64 lower-case hex digits'],
  },
  {
    title: 'negative backfill blocks',
    spec: withSnapshot({ backfillBlocks: -1 }),
    says: ['spec.snapshot.backfillBlocks', 'greater than or equal to 0'],
  },
  {
    title: 'fractional backfill blocks',
    spec: withSnapshot({ backfillBlocks: 1.5 }),
    says: ['spec.snapshot.backfillBlocks', 'must be of type integer'],
  },
  {
    title: 'peers that are no list',
    spec: node({ peers: { static: {} } }),
    says: ['spec.peers', 'must be of type array'],
  },
  { title: '17 sources of peers', spec: node({ peers: Array(17).fill(peers[0]) }), says: ['spec.peers', 'Too many'] },
  { title: 'tags without one', spec: withTags({}), says: ['spec.peers[0].ec2Tags.tags', 'at least 1 properties'] },
  {
    title: 'a tag without a value',
    spec: withTags({ Network: '' }),
    says: ['spec.peers[0].ec2Tags.tags.Network', 'at least 1 chars'],
  },
  {
    title: 'a tag without a name',
    spec: withTags({ '': 'x' }),
    says: ['spec.peers[0].ec2Tags.tags', '1 to 128 characters'],
  },
  {
    title: 'tags in an empty region',
    spec: withTags({ a: 'b' }, ''),
    says: ['spec.peers[0].ec2Tags.region', 'AWS region such as'],
  },
  {
    title: 'no static addresses',
    spec: node({ peers: [{ static: { addresses: [] } }] }),
    says: ['spec.peers[0].static.addresses', 'at least 1 items'],
  },
  {
    title: 'a peer without a node id',
    spec: withAddress('host:26656'),
    says: ['spec.peers[0].static.addresses[0]', 'NODEID@HOST:PORT'],
  },
  {
    title: 'a peer with a short node id',
    spec: withAddress('abcd@host:26656'),
    says: ['spec.peers[0].static.addresses[0]', '40 hex'],
  },
  {
    title: 'a peer without a port',
    spec: withAddress(`${nodeId}@host`),
    says: ['spec.peers[0].static.addresses[0]', 'NODEID@HOST:PORT'],
  },
  {
    title: 'two peers in one string',
    spec: withAddress(`${nodeId}@a:1,${nodeId}@b:1`),
    says: ['spec.peers[0].static.addresses[0]', 'NODEID@HOST:PORT'],
  },
]
