/** What the fake and the real sidecar have in common as processes of a container. */
import type { ContainerProcess } from './container-process.ts'

export interface SidecarProcess extends ContainerProcess {
  /** Cut off: connections to it are refused and open ones broken, while the process runs on and probes still reach it. */
  setCut(cut: boolean): Promise<void>
}
