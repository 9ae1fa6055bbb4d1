/** Kills an operator before it gets the answer to its n-th write or submission, and restarts it: `Killer`. */
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { ApiCall } from './api-call.ts'
import { ApiProxy } from './api-proxy.ts'
import type { OperatorProcess } from './operator-process.ts'

interface Armed {
  /** Effects until it strikes. */
  left: number
  readonly everyLife: boolean
  readonly struck: string[]
  readonly restarts: Promise<void>[]
}

/** Only effects count, not reads: a killed process loses what it read, so a kill after a read changes nothing. */
export class Killer implements AsyncDisposable {
  /** Must be set before `arm`, and use `kubeconfigPath`. */
  operator: OperatorProcess | undefined
  readonly #proxy: ApiProxy
  #armed: Armed | undefined

  private constructor(proxy: ApiProxy) {
    this.#proxy = proxy
  }

  /** @param isEffect which writes to the API server count */
  static async start(isEffect: (call: ApiCall) => boolean): Promise<Killer> {
    const killer: Killer = new Killer(
      await ApiProxy.start({
        kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
        withhold: (call, status) =>
          status < 300 && isEffect(call) && killer.strikesAt(`${call.method} ${call.resource} ${call.name}`),
      }),
    )
    return killer
  }

  get kubeconfigPath(): string {
    return this.#proxy.kubeconfigPath
  }

  /**
   * @param effect the effect at which to kill it, from 1
   * @param everyLife whether to kill it at the first effect after each restart too
   */
  arm(effect: number, everyLife = false): void {
    this.#armed = { left: effect, everyLife, struck: [], restarts: [] }
  }

  /** Counts an effect. True: the operator has been killed, and its answer must not be sent. */
  strikesAt(effect: string): boolean {
    const { operator } = this
    const armed = this.#armed
    if (!operator || !armed || armed.left === 0) return false
    armed.left -= 1
    if (armed.left > 0) return false
    armed.struck.push(effect)
    armed.restarts.push(this.#restart(operator, armed))
    return true
  }

  /** Resolves with the effects at which the operator was killed, when it runs again. */
  async disarm(): Promise<readonly string[]> {
    const armed = this.#armed
    this.#armed = undefined
    await Promise.all(armed?.restarts ?? [])
    return armed?.struck ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]()
  }

  async #restart(operator: OperatorProcess, armed: Armed): Promise<void> {
    await operator.kill()
    if (armed.everyLife) armed.left = 1
    operator.start()
  }
}
