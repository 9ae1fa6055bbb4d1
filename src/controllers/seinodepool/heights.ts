/** Whether a pool's chain goes on, from the heights that its nodes report: `HeightLog`, filled by `askHeights`. */
import { heightOf, type StatusProbe } from '../../seid/rpc.ts'

/** A chain of validators makes several blocks a second; one that made none for this long stands still. Milliseconds. */
export const STALL_MS = 30_000

interface Heard {
  /** UID of the pod that answered. */
  readonly podUID: string
  readonly height: number
  /** This pod was heard of a lower height before. */
  readonly hasMoved: boolean
}

/** One node's answer; `height` is absent where none came, and `silence` says why. */
export interface HeightAnswer {
  readonly node: string
  readonly podUID: string
  readonly height?: number | undefined
  readonly silence?: string
}

export interface AskedNode {
  readonly node: string
  readonly podUID: string
  readonly podIP: string
}

export async function askHeights(
  nodes: readonly AskedNode[],
  askSeid: StatusProbe,
  signal: AbortSignal,
): Promise<readonly HeightAnswer[]> {
  return Promise.all(
    nodes.map(async ({ node, podUID, podIP }): Promise<HeightAnswer> => {
      try {
        return { node, podUID, height: heightOf(await askSeid(podIP, signal)) }
      } catch (error) {
        signal.throwIfAborted()
        return { node, podUID, silence: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

export class HeightLog {
  readonly #heard = new Map<string, Heard>()
  /** Since when nothing moved though every node answered, milliseconds since the epoch. */
  #stillSince: number | undefined

  /** @param now milliseconds since the epoch */
  note(answers: readonly HeightAnswer[], now: number): void {
    let isStill = answers.length > 0
    for (const { node, podUID, height } of answers) {
      if (height === undefined) {
        isStill = false
        continue
      }
      const before = this.#heard.get(node)
      const isSamePod = before?.podUID === podUID
      if (!isSamePod || height > before.height) isStill = false
      const hasMoved = isSamePod && (before.hasMoved || height > before.height)
      this.#heard.set(node, { podUID, height, hasMoved })
    }
    this.#stillSince = isStill ? (this.#stillSince ?? now) : undefined
  }

  /** Whether that pod of the node was seen to make or follow blocks. */
  hasMoved(node: string, podUID: string): boolean {
    const heard = this.#heard.get(node)
    return heard?.podUID === podUID && heard.hasMoved
  }

  /** Whether every node was asked and answered for a while, and none had a new block. */
  isStalled(now: number): boolean {
    return this.#stillSince !== undefined && now - this.#stillSince >= STALL_MS
  }

  /** The highest block that any node was heard to have; 0 where none was. */
  get highest(): number {
    return Math.max(0, ...[...this.#heard.values()].map(({ height }) => height))
  }
}
