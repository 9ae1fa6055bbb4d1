/** An operator whose clock is minutes ahead: `withLaterOperator`. */
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { OperatorProcess } from './operator-process.ts'
import type { OperatorFixture } from './operator-fixture.ts'

/** Runs `act` with an operator whose clock is ahead of the machine's, instead of the fixture's own. */
export async function withLaterOperator(
  { operator, namespace }: OperatorFixture,
  aheadMs: number,
  act: () => Promise<void>,
): Promise<void> {
  await operator.kill()
  const later = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [namespace],
    clockAheadMs: aheadMs,
  })
  later.start()
  try {
    await act()
  } finally {
    await later.stop()
    operator.start()
  }
}
