/** The stand-in node as a library: everything that tests, demo and benchmark use. */
export { startStandInNode } from './stand-in-node.ts'
export type { StandInNode } from './stand-in-node.ts'
export type { StandInNodeOptions } from './options.ts'
