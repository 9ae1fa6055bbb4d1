/** Refuses what NetworkPolicies refuse between pods of one node: `PolicyEnforcer` keeps the rules of nftables as the API server has the policies. */
import { spawn } from 'node:child_process'
import type { Namespace, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'

import type { KubeClient } from '../../src/kube/client.ts'
import { namespaces, networkPolicies, pods } from '../../src/kube/resources.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Controller, type ReconcileResult } from '../../src/runtime/controller.ts'
import { Informer } from '../../src/runtime/informer.ts'
import type { Logger } from '../../src/runtime/log.ts'
import { Metrics } from '../../src/runtime/metrics.ts'
import { policyRules } from './policy-rules.ts'

export interface PolicyEnforcerOptions {
  readonly client: KubeClient
  /** The program of nftables. */
  readonly nft: string
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
}

/** All objects are one key: a change of any rewrites all rules, in one step. */
const RULES = 'rules'

export class PolicyEnforcer {
  readonly #options: PolicyEnforcerOptions
  readonly #pods: Informer<Pod>
  readonly #namespaces: Informer<Namespace>
  readonly #policies: Informer<NetworkPolicy>
  #written = ''

  constructor(options: PolicyEnforcerOptions) {
    const { client, log } = options
    const common = { client, log, clock: systemClock }
    this.#options = options
    this.#pods = new Informer({ ...common, resource: pods })
    this.#namespaces = new Informer({ ...common, resource: namespaces })
    this.#policies = new Informer({ ...common, resource: networkPolicies })
  }

  /** Works until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    const metrics = new Metrics()
    const controller = new Controller({
      name: 'policies',
      reconcile: () => this.#write(),
      log,
      metrics,
      clock: systemClock,
    })
    controller.watch(this.#pods, () => [RULES])
    controller.watch(this.#namespaces, () => [RULES])
    controller.watch(this.#policies, () => [RULES])
    const informers = [this.#pods, this.#namespaces, this.#policies]
    const following = informers.map(informer => informer.run(signal))
    await Promise.race([Promise.all(informers.map(informer => informer.synced)), ...following])
    await Promise.all([...following, controller.run(signal, signal)])
  }

  async #write(): Promise<ReconcileResult> {
    const rules = policyRules({
      pods: [...this.#pods.store.values()],
      namespaces: [...this.#namespaces.store.values()],
      policies: [...this.#policies.store.values()],
    })
    if (rules === this.#written) return {}
    await this.#nft(rules)
    this.#written = rules
    return {}
  }

  #nft(rules: string): Promise<void> {
    const { nft, env } = this.#options
    const child = spawn(nft, ['-f', '-'], { env, stdio: ['pipe', 'ignore', 'pipe'] })
    const said: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.stdin.end(rules)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', code => {
        if (code === 0) resolve()
        else reject(new Error(`nft: status ${code}: ${Buffer.concat(said).toString().trim()}`))
      })
    })
  }
}
