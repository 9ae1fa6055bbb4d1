/** The running EC2 instances that carry tags: `createInstanceLister` loads the AWS SDK when it is first asked. */
import type { Peer } from '../api/shared.ts'

export type InstanceTags = NonNullable<Peer['ec2Tags']>

/**
 * One IPv4 address for each running instance that carries all the tags: the public one, or else the private one. Values
 * are those of EC2's filters, in which * and ? stand for other characters.
 * @throws PeerLookupError
 */
export type InstanceLister = (source: InstanceTags, signal: AbortSignal) => Promise<readonly string[]>

/** The SDK takes 25 MB of memory, which an operator whose sidecars find the peers themselves does not spend. */
export function createInstanceLister(): InstanceLister {
  let loaded: Promise<InstanceLister> | undefined
  return async (source, signal) => {
    loaded ??= import('./ec2.ts').then(({ createEC2Lister }) => createEC2Lister())
    return (await loaded)(source, signal)
  }
}
