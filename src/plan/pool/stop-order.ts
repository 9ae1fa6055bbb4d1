/** Decides which validators of a pool to stop next, so that the chain can continue later: `nextToStop`. Pure. */
import { tolerableLosses } from '../../build/pool/quorum.ts'

/**
 * A validator that is stopped between signing a vote and writing it to its log refuses, when it starts again, to vote in
 * that consensus round. If all stop at once, this may happen to more than a third, and then the chain halts for good.
 * So stop as many as the chain can lose and still make blocks; then one alone, at which the chain halts; then the rest,
 * which have nothing left to sign.
 * @param total the number of validators of the chain
 * @param standing the validators that are not being stopped
 * @param stopping how many are being stopped and still exist
 * @returns the validators to stop now; none while earlier ones still exist
 */
export function nextToStop<T>(total: number, standing: readonly T[], stopping: number): readonly T[] {
  if (stopping > 0) return []
  const gone = total - standing.length
  const spare = tolerableLosses(total)
  if (gone < spare) return standing.slice(0, spare - gone)
  return gone === spare ? standing.slice(0, 1) : standing
}
