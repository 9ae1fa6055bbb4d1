/** What tests and the demo use of the EC2 stand-in. */
export { ChainNodes } from './chain-nodes.ts'
export { FAILURES } from './failure.ts'
export type { Instance } from './instance.ts'
export { Ec2StandIn } from './stand-in.ts'
export type { Ec2Fault } from './stand-in.ts'
