/** What tests and the demo use of the EC2 fake. */
export { ChainNodes } from './chain-nodes.ts'
export { FAILURES } from './failure.ts'
export type { Instance } from './instance.ts'
export { FakeEc2 } from './fake-ec2.ts'
export type { Ec2Fault } from './fake-ec2.ts'
