/** A sidecar that starts over, as a test waits for it: `nextSidecar`. */
import type { StandInSidecar } from '../../devcluster/sidecar/index.ts'
import type { OperatorStage } from './operator-stage.ts'
import { until } from './until.ts'

/** The sidecar of the node's pod, once it is another process than `before`. */
export function nextSidecar(stage: OperatorStage, name: string, before: StandInSidecar): Promise<StandInSidecar> {
  return until(`another start of the sidecar of ${name}`, () => {
    const now = runningSidecar(stage, name)
    return now === before ? undefined : now
  })
}

/** Undefined while none runs. */
function runningSidecar(stage: OperatorStage, name: string): StandInSidecar | undefined {
  try {
    return stage.node.sidecarOf(stage.podKey(name))
  } catch {
    return undefined
  }
}
