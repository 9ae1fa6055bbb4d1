/** The fake node as a library: everything that tests, demo and benchmark use. */
export { startFakeNode } from './node.ts'
export type { FakeNode } from './node.ts'
export type { FakeNodeOptions } from './options.ts'
