/** What the pages are drawn from: `Scene`, one moment of the cluster as this process knows it. */
import type { NodeDetails, PoolDetails } from '../cluster/details.ts'
import type { Fleet } from '../cluster/fleet.ts'
import type { Sample } from './history.ts'

/** As `metadata` has it. */
export interface ObjectName {
  readonly namespace?: string
  readonly name: string
}

export interface Scene {
  readonly fleet: Fleet
  /** Of the node of that name, oldest first. */
  readonly samplesOf: (node: ObjectName) => readonly Sample[]
  /** `namespace sei`, or `all namespaces`. */
  readonly place: string
  readonly isAllNamespaces: boolean
  /** Why what is shown may be old: no operator seems to run. */
  readonly warning: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What is read only for the page of one object; undefined until it is read. */
export type Details =
  | { readonly kind: 'node'; readonly details: NodeDetails }
  | { readonly kind: 'pool'; readonly details: PoolDetails }

/** Which page a browser shows. */
export type Route =
  | { readonly kind: 'fleet' }
  | { readonly kind: 'node' | 'pool'; readonly namespace: string; readonly name: string }
