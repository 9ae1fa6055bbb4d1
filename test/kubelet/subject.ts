/** The subject of the kubelet's contract: a node that runs pods, and what tests do to these pods. */
import type { KubeClient } from '../../src/kube/client.ts'

export interface Subject {
  readonly client: KubeClient
  /** Its own; gone after `close`. */
  readonly namespace: string
  /** Image of every container: holds a shell, seictl, and the programs below testing/realcluster/tools. */
  readonly image: string
  /** How long conditions are waited for, milliseconds. */
  readonly deadlineMs: number
  /** Sends a mark-ready to the pod's sidecar. */
  markReady(pod: string): Promise<void>
  /** SIGTERM to the sidecar. */
  endSidecar(pod: string): Promise<void>
  /** The main container dies by itself, with status 2. */
  crashMain(pod: string): Promise<void>
  close(): Promise<void>
}
