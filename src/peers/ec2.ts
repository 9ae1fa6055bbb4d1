/** Lists EC2 instances by the AWS SDK: `createEC2Lister`. `instances.ts` loads it when it is first needed. */
import type { InstanceLister, InstanceTags } from './lookup.ts'
import { realClock, withDeadline } from '../kube/clock.ts'
import { EC2Client, type Instance, paginateDescribeInstances } from './ec2-sdk.ts'
import { ec2Trouble } from './ec2-trouble.ts'

/** EC2's largest page size. */
const PAGE_SIZE = 1_000
/** Timeout of a listing with all pages, retries and the search for credentials. Milliseconds. */
const LISTING_MS = 60_000

/** The SDK's default chain resolves endpoint and credentials. Clients cache those until they expire. */
export function createEC2Lister(): InstanceLister {
  const clients = new Map<string, EC2Client>()

  return async (source, signal) => {
    const deadline = { ms: LISTING_MS, clock: realClock, signal }
    try {
      return await withDeadline(deadline, within => list(clientFor(source.region), source, within))
    } catch (error) {
      signal.throwIfAborted()
      throw ec2Trouble(error, source)
    }
  }

  function clientFor(region: string): EC2Client {
    const known = clients.get(region)
    if (known) return known
    const requestHandler = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true }
    const client = new EC2Client({ region, requestHandler })
    clients.set(region, client)
    return client
  }
}

async function list(client: EC2Client, { tags }: InstanceTags, signal: AbortSignal): Promise<readonly string[]> {
  const Filters = [
    { Name: 'instance-state-name', Values: ['running'] },
    ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
  ]
  const addresses: string[] = []
  const pages = paginateDescribeInstances({ client, pageSize: PAGE_SIZE }, { Filters }, { abortSignal: signal })
  for await (const { Reservations = [] } of pages) {
    addresses.push(...Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(addressOf)))
  }
  return addresses
}

function addressOf({ PublicIpAddress, PrivateIpAddress }: Instance): readonly string[] {
  const address = PublicIpAddress ?? PrivateIpAddress
  return address === undefined ? [] : [address]
}
