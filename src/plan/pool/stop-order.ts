/** Which of a pool's validators are stopped now, when all are to stop and the chain is to go on later: `nextToStop`. Pure. */
import { tolerableLosses } from '../../build/pool/quorum.ts'

/**
 * A validator that is stopped between signing a vote and writing it to its log refuses, when it starts again, to vote in
 * that round. Of all that stop at one moment more than a third may be caught so, and then the chain stands still for good.
 * So first stop as many as the chain can spare, which goes on without them; then one alone, at which it halts; then the
 * rest, which have nothing to sign any more.
 * @param total how many validators the chain has
 * @param standing those that were not told to stop
 * @param stopping how many were told, and are not gone yet
 * @returns those to be told now; none where the ones before are not gone
 */
export function nextToStop<T>(total: number, standing: readonly T[], stopping: number): readonly T[] {
  if (stopping > 0) return []
  const gone = total - standing.length
  const spare = tolerableLosses(total)
  if (gone < spare) return standing.slice(0, spare - gone)
  return gone === spare ? standing.slice(0, 1) : standing
}
