/** Whether nodes follow their chain, from the heights that they report: `HeightLog`, filled by `askHeights`. */
import { heightOf, isCatchingUp, type StatusProbe } from '../../../seid/rpc.ts'

/** A chain of validators makes several blocks a second; one that made none for this long stands still. Milliseconds. */
export const STALL_MS = 30_000

interface Heard {
  /** UID of the pod that was asked. */
  readonly podUID: string
  /** Absent until it answered. */
  readonly height: number | undefined
  /** This pod was heard of a lower height before. */
  readonly hasMoved: boolean
  /** Its last answer said that it has yet to reach the head of the chain. */
  readonly isCatchingUp: boolean
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
  /** It has yet to reach the head of the chain. */
  readonly isCatchingUp?: boolean
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
        const status = await askSeid(podIP, signal)
        return { ...asked, height: heightOf(status), isCatchingUp: isCatchingUp(status) }
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
    for (const { node, podUID, height, isReady, isCatchingUp: isBehind = false } of answers) {
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
        isCatchingUp: height === undefined ? before?.isCatchingUp === true : isBehind,
        unmovedSince: before && !isHigher ? before.unmovedSince : now,
      })
    }
    this.#stillSince = isStill ? (this.#stillSince ?? now) : undefined
  }

  /** Whether that pod of the node is at the head of the chain and had a new block a short while ago. */
  follows(node: string, podUID: string, now: number): boolean {
    const heard = this.#heard.get(node)
    if (heard?.podUID !== podUID || !heard.hasMoved || heard.isCatchingUp) return false
    return now - heard.unmovedSince < STALL_MS
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

  /** Whether to ask for heights again soon: something was new a short while ago. */
  hasNews(now: number): boolean {
    return this.#newsAt !== undefined && now - this.#newsAt < 2 * STALL_MS
  }
}
