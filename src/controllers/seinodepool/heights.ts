/** Whether a pool's chain goes on, from the heights that its nodes report: `HeightLog`, filled by `askHeights`. */
import { heightOf, type StatusProbe } from '../../seid/rpc.ts'

/** A chain of validators makes several blocks a second; one that made none for this long stands still. Milliseconds. */
export const STALL_MS = 30_000

interface Heard {
  /** UID of the pod that was asked. */
  readonly podUID: string
  /** Absent until it answered. */
  readonly height: number | undefined
  /** This pod was heard of a lower height before. */
  readonly hasMoved: boolean
  /** Milliseconds since the epoch. */
  readonly unmovedSince: number
}

/** One node's answer; `height` is absent where none came, and `silence` says why. */
export interface HeightAnswer {
  readonly node: string
  readonly podUID: string
  /** Its SeiNode says so. */
  readonly isReady: boolean
  readonly height?: number | undefined
  readonly silence?: string
}

export interface AskedNode {
  readonly node: string
  readonly podUID: string
  readonly podIP: string
  readonly isReady: boolean
}

export async function askHeights(
  nodes: readonly AskedNode[],
  askSeid: StatusProbe,
  signal: AbortSignal,
): Promise<readonly HeightAnswer[]> {
  return Promise.all(
    nodes.map(async ({ podIP, ...asked }): Promise<HeightAnswer> => {
      try {
        return { ...asked, height: heightOf(await askSeid(podIP, signal)) }
      } catch (error) {
        signal.throwIfAborted()
        return { ...asked, silence: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

export class HeightLog {
  readonly #heard = new Map<string, Heard>()
  /** Since when nothing moved though every node that is Ready answered, milliseconds since the epoch. */
  #stillSince: number | undefined
  /** When a pod was first asked, or had a new block, milliseconds since the epoch. */
  #newsAt: number | undefined

  /** @param now milliseconds since the epoch */
  note(answers: readonly HeightAnswer[], now: number): void {
    // One that does not even answer may be what the chain waits for: it must not hide that. More than two thirds that are
    // out of reach may make blocks all the same.
    const silent = answers.filter(({ height }) => height === undefined).length
    let isStill = silent < answers.length && 3 * silent <= 2 * answers.length
    for (const { node, podUID, height, isReady } of answers) {
      const known = this.#heard.get(node)
      const before = known?.podUID === podUID ? known : undefined
      const isHigher = before?.height !== undefined && height !== undefined && height > before.height
      if (!before || isHigher) this.#newsAt = now
      const isNew = height !== undefined && before?.height === undefined
      if ((height === undefined && isReady) || isNew || isHigher) isStill = false
      this.#heard.set(node, {
        podUID,
        height: height ?? before?.height,
        hasMoved: before?.hasMoved === true || isHigher,
        unmovedSince: before && !isHigher ? before.unmovedSince : now,
      })
    }
    this.#stillSince = isStill ? (this.#stillSince ?? now) : undefined
  }

  /** Whether that pod of the node was seen to make or follow blocks. */
  hasMoved(node: string, podUID: string): boolean {
    const heard = this.#heard.get(node)
    return heard?.podUID === podUID && heard.hasMoved
  }

  /** Since when that pod has had no new block, or did not say; undefined where it was not asked. Milliseconds since the epoch. */
  unmovedSince(node: string, podUID: string): number | undefined {
    const heard = this.#heard.get(node)
    return heard?.podUID === podUID ? heard.unmovedSince : undefined
  }

  /** Whether any node was seen to make or follow blocks. */
  get someMoved(): boolean {
    return [...this.#heard.values()].some(({ hasMoved }) => hasMoved)
  }

  /** Whether nodes were asked and answered for a while, all that are Ready among them, and none had a new block. */
  isStalled(now: number): boolean {
    return this.#stillSince !== undefined && now - this.#stillSince >= STALL_MS
  }

  /** Whether heights are worth another look soon: something was new a short while ago. */
  hasNews(now: number): boolean {
    return this.#newsAt !== undefined && now - this.#newsAt < 2 * STALL_MS
  }
}
