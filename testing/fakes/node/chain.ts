/** The chains of fake seids: `Chains` has one for each genesis, and `Chain.join` adds a node. */
import type { Clock } from '../../../src/runtime/clock.ts'
import { imageHas, type UpgradePlan } from './chain-upgrades.ts'

/** Time between two blocks of a small network, measured with seid. */
const BLOCK_MS = 400
/** A node leaves block sync when two peers are connected; a chain of one validator needs none. */
const NODES_TO_SYNC = 3
/** seid's own limit of connections is of this size. */
const MOST_PEERS = 40

export interface Genesis {
  readonly chainId: string
  /** Voting power by public key; empty if the validators are not simulated here. */
  readonly validators: ReadonlyMap<string, number>
}

/** A running node. */
export interface ChainNode {
  /** The node's own height, which does not change while the node is stalled. */
  readonly height: number
  /** Time of its last block, epoch milliseconds; 0 before the first. */
  readonly blockTime: number
  readonly isCatchingUp: boolean
  /** A stalled node runs, and neither signs nor follows. */
  setStalled(stalled: boolean): void
  /** It has committed the block at which it halts, and no later one. */
  readonly isHalted: boolean
  /** Connected nodes of the chain. */
  readonly peers: number
  /** Consensus addresses of the validators that sign now. */
  readonly signers: readonly string[]
  /** It runs no more. */
  leave(): void
}

/** The process's cache of all chains, including stopped ones, because volumes outlive pods. */
export class Chains {
  readonly #clock: Clock
  readonly #chains = new Map<string, Chain>()
  /** By chain id. */
  readonly #plans = new Map<string, UpgradePlan[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same one for the same text of genesis.json; where its validators are elsewhere, for the same chain id. */
  of(text: string): Chain {
    const genesis = genesisOf(text)
    const id = genesis.validators.size === 0 ? genesis.chainId : text
    let chain = this.#chains.get(id)
    if (!chain) {
      chain = new Chain(genesis, this.#clock, this.#plansOf(genesis.chainId))
      this.#chains.set(id, chain)
    }
    return chain
  }

  /** The chains of that id vote for an upgrade. Upgrades are voted for in the order of their heights. */
  vote(chainId: string, plan: UpgradePlan): void {
    this.#plansOf(chainId).push(plan)
  }

  #plansOf(chainId: string): UpgradePlan[] {
    const known = this.#plans.get(chainId) ?? []
    this.#plans.set(chainId, known)
    return known
  }
}

/** What a node signs with. */
export interface Signer {
  /** Public key of its validator. */
  readonly key: string
  /** Consensus address, in hex. */
  readonly address: string
}

export interface NodeRun {
  readonly image?: string
  readonly haltHeight?: number | undefined
}

interface Member extends Signer {
  readonly haltHeight: number | undefined
  isHalted: boolean
  readonly image: string
  stalledAt: { readonly height: number; readonly blockTime: number } | undefined
}

/** Makes blocks while more than two thirds of the voting power run and are neither stalled nor halted. */
export class Chain {
  readonly genesis: Genesis
  /** What it has voted for, in the order of the heights. */
  readonly plans: readonly UpgradePlan[]
  readonly #clock: Clock
  readonly #members = new Set<Member>()
  /** The height at `#since`, the time of a block or of the start. While the chain runs, there is a block every BLOCK_MS. */
  #height = 0
  #since = 0
  #blockTime = 0
  #isMoving = false

  constructor(genesis: Genesis, clock: Clock, plans: readonly UpgradePlan[] = []) {
    this.genesis = genesis
    this.plans = plans
    this.#clock = clock
  }

  /**
   * @param signedHeight what the node's volume says, so that a chain continues from the heights of its volumes
   * @param run its image, which has some upgrades; and the last block that the node commits, and signs
   */
  join(signer: Signer, signedHeight: number, { image = '', haltHeight }: NodeRun = {}): ChainNode {
    this.#advance()
    this.#height = Math.max(this.#height, signedHeight)
    const member: Member = { ...signer, image, haltHeight, isHalted: false, stalledAt: undefined }
    this.#members.add(member)
    this.#update()
    return this.#nodeOf(member)
  }

  /** Of its last block. */
  get height(): number {
    return this.#now().height
  }

  /** The upgrade that it has voted for and not reached. */
  get plan(): UpgradePlan | undefined {
    const { height } = this.#now()
    return this.plans.find(plan => plan.height > height)
  }

  #nodeOf(member: Member): ChainNode {
    const own = (): { readonly height: number; readonly blockTime: number } => {
      this.#advance()
      return member.stalledAt ?? this.#now()
    }
    const isCatchingUp = (): boolean => !this.#isSynced()
    const peers = (): number => Math.min(this.#members.size - 1, MOST_PEERS)
    const signers = (): readonly string[] => this.#signing().map(({ address }) => address)
    return {
      get height() {
        return own().height
      },
      get blockTime() {
        return own().blockTime
      },
      get isCatchingUp() {
        return isCatchingUp()
      },
      get isHalted() {
        own()
        return member.isHalted
      },
      get peers() {
        return peers()
      },
      get signers() {
        return signers()
      },
      setStalled: stalled => {
        this.#advance()
        if (!member.isHalted) member.stalledAt = stalled ? (member.stalledAt ?? this.#now()) : undefined
        this.#update()
      },
      leave: () => {
        this.#advance()
        this.#members.delete(member)
        this.#update()
      },
    }
  }

  #now(): { readonly height: number; readonly blockTime: number } {
    const blocks = this.#isMoving ? Math.floor((this.#clock.now() - this.#since) / BLOCK_MS) : 0
    const made = Math.min(blocks, Math.max(0, this.#last() - this.#height))
    if (made === 0) return { height: this.#height, blockTime: this.#blockTime }
    return { height: this.#height + made, blockTime: this.#since + made * BLOCK_MS }
  }

  /** The last block that its members can make: the one before an upgrade that none of them has. */
  #last(): number {
    const hasNone = ({ name }: UpgradePlan): boolean => ![...this.#members].some(({ image }) => imageHas(image, name))
    const plan = this.plans.find(each => each.height > this.#height && hasNone(each))
    return plan ? plan.height - 1 : Number.POSITIVE_INFINITY
  }

  /** Makes the blocks up to now. Must be called before any change that may stop or start the chain. */
  #advance(): void {
    for (;;) {
      const due = [...this.#members]
        .filter(
          member => !member.isHalted && !member.stalledAt && (member.haltHeight ?? Infinity) <= this.#now().height,
        )
        .toSorted((a, b) => (a.haltHeight ?? 0) - (b.haltHeight ?? 0))
      const [next] = due
      if (!next) break
      const { haltHeight = 0 } = next
      if (haltHeight > this.#height) this.#advanceTo(haltHeight, this.#since + (haltHeight - this.#height) * BLOCK_MS)
      // Those of one height end together: the vote of each is in its last block.
      for (const member of due.filter(each => each.haltHeight === haltHeight)) {
        member.isHalted = true
        member.stalledAt = { height: haltHeight, blockTime: this.#blockTime }
      }
      this.#update()
    }
    const { height, blockTime } = this.#now()
    this.#advanceTo(height, blockTime)
  }

  #advanceTo(height: number, blockTime: number): void {
    // One that waited for an upgrade makes its next block from now on.
    const isWaiting = this.#isMoving && height === this.#last()
    this.#since = isWaiting ? this.#clock.now() : this.#since + (height - this.#height) * BLOCK_MS
    this.#height = height
    this.#blockTime = blockTime
  }

  #update(): void {
    const moves = this.#isSynced() && this.#hasQuorum()
    if (moves && !this.#isMoving) this.#since = this.#clock.now()
    this.#isMoving = moves
  }

  #isSynced(): boolean {
    const { validators } = this.genesis
    return validators.size <= 1 || this.#members.size >= NODES_TO_SYNC
  }

  /** Validators that take part. */
  #signing(): readonly Signer[] {
    return [...this.#members].filter(({ key, stalledAt }) => !stalledAt && this.genesis.validators.has(key))
  }

  #hasQuorum(): boolean {
    const { validators } = this.genesis
    const signing = new Set(this.#signing().map(({ key }) => key))
    let power = 0
    let total = 0
    for (const [key, each] of validators) {
      total += each
      if (signing.has(key)) power += each
    }
    return total === 0 ? this.#members.size > 0 : power * 3 > total * 2
  }
}

interface GenesisFile {
  readonly chain_id?: string
  readonly validators?: readonly { readonly pub_key: { readonly value: string }; readonly power: string }[]
}

/** A text that is not a genesis file gives a chain without a name, on which no seid starts. */
function genesisOf(text: string): Genesis {
  let file: GenesisFile = {}
  try {
    file = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const validators = (file.validators ?? []).map(({ pub_key, power }) => [pub_key.value, Number(power)] as const)
  return { chainId: file.chain_id ?? '', validators: new Map(validators) }
}
