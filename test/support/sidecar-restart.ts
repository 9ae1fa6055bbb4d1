/** A sidecar that starts over, as a test waits for it: `nextSidecar`. */
import type { FakeSidecar } from '../../testing/fakes/sidecar/index.ts'
import type { OperatorStage } from './operator-stage.ts'
import { until } from './until.ts'

/** The sidecar of the node's pod, once it is another process than `before`. */
export function nextSidecar(stage: OperatorStage, name: string, before: FakeSidecar): Promise<FakeSidecar> {
  return until(`another start of the sidecar of ${name}`, () => {
    const now = runningSidecar(stage, name)
    return now === before ? undefined : now
  })
}

/** Undefined while none runs. */
function runningSidecar(stage: OperatorStage, name: string): FakeSidecar | undefined {
  try {
    return stage.node.sidecarOf(stage.podKey(name))
  } catch {
    return undefined
  }
}
