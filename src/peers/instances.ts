/** The running EC2 instances that carry tags: `createInstanceLister` loads the AWS SDK when it is first asked. */
import type { InstanceLister } from './lookup.ts'

/** The SDK takes 25 MB of memory, which an operator does not need if its sidecars discover peers themselves. */
export function createInstanceLister(): InstanceLister {
  let loaded: Promise<InstanceLister> | undefined
  return async (source, signal) => {
    loaded ??= import('./ec2.ts').then(({ createEC2Lister }) => createEC2Lister())
    return (await loaded)(source, signal)
  }
}
