/** Keys of validators, and Secrets that hold them, for tests: `KeyFixture`. */
import assert from 'node:assert/strict'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { leases, pods, secrets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { type Key, signingState } from '../support/validator-key.ts'

export const KEY = 'config/priv_validator_key.json'
export const STATE = 'data/priv_validator_state.json'
/** Where the operator of tests keeps what is its own: the namespace of its kubeconfig. */
export const OWN_NAMESPACE = 'default'

/** A validator, with the key of that Secret where one is named. */
export function validator(secretName?: string): SeiNodeSpec {
  const signingKey = secretName === undefined ? {} : { validator: { signingKey: { secretName } } }
  return { ...GENESIS_SPEC, mode: 'validator', ...signingKey }
}

export class KeyFixture implements AsyncDisposable {
  readonly base: OperatorFixture

  private constructor(base: OperatorFixture) {
    this.base = base
  }

  static async open({ node, ...options }: OperatorFixtureOptions = {}): Promise<KeyFixture> {
    // A kubelet's first pause of ten seconds would be most of the time that these tests take.
    const crashBackoff = { initialMs: 500, maxMs: 1000 }
    return new KeyFixture(await OperatorFixture.open({ ...options, node: { crashBackoff, ...node } }))
  }

  async placeSecret(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    const data = Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
    await this.base.client.create(secrets, { metadata: this.base.key(name), data: Object.fromEntries(data) })
  }

  /** A Secret with the key, and with the record that it has signed up to that height. */
  placeKey(name: string, key: Key, height = 100): Promise<void> {
    return this.placeSecret(name, {
      'priv_validator_key.json': key.json,
      'priv_validator_state.json': signingState(height),
    })
  }

  async removeSecret(name: string): Promise<void> {
    const found = await this.base.get(secrets, name)
    await this.base.client.delete(secrets, this.base.key(name), { uid: found?.metadata?.uid ?? '' })
  }

  /** The node once its condition Reconciling has that reason, and the message of it. */
  async untilReason(name: string, reason: string): Promise<{ readonly node: SeiNode; readonly message: string }> {
    const isMet = (node: SeiNode): boolean => conditionOf(node, 'Reconciling')?.reason === reason
    const node = await this.base.untilNode(name, `Reconciling ${reason}`, isMet)
    return { node, message: conditionOf(node, 'Reconciling')?.message ?? '' }
  }

  read(name: string, path: string): string | undefined {
    return this.base.node.homeOf(this.base.key(`data-${name}`)).read(path)
  }

  async holderOf(address: string, namespace = OWN_NAMESPACE): Promise<string | undefined> {
    const lease = await this.base.client.get(leases, { namespace, name: `sei-key-${address}` })
    return lease?.spec?.holderIdentity
  }

  identity({ metadata }: SeiNode): string {
    return `${this.base.namespace}/${metadata.name}/${metadata.uid}`
  }

  async deleteLease(address: string): Promise<void> {
    const key = { namespace: OWN_NAMESPACE, name: `sei-key-${address}` }
    const lease = await this.base.client.get(leases, key)
    await this.base.client.delete(leases, key, { uid: lease?.metadata?.uid ?? '' })
  }

  async deleteNode(name: string): Promise<void> {
    const node = await this.base.get(seiNodes, name)
    await this.base.client.delete(seiNodes, this.base.key(name), { uid: node?.metadata.uid ?? '' })
  }

  /** @returns the pod that was deleted */
  async deletePod(name: string, gracePeriodSeconds?: number): Promise<Pod> {
    const pod = await this.base.get(pods, `${name}-0`)
    assert.ok(pod, `pod ${name}-0`)
    const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
    await this.base.client.delete(pods, this.base.podKey(name), { uid: pod.metadata?.uid ?? '', ...grace })
    return pod
  }

  async gone(name: string): Promise<void> {
    const isGone = async (): Promise<true | undefined> => ((await this.base.get(seiNodes, name)) ? undefined : true)
    await until(`SeiNode ${name} to be gone`, isGone, {
      found: async () => ({ node: (await this.base.get(seiNodes, name))?.status, operator: this.base.operator.log }),
    })
  }

  async untilOtherPod(name: string, { metadata }: Pod): Promise<void> {
    await until(`another pod than ${metadata?.uid}`, async () => {
      const next = await this.base.get(pods, `${name}-0`)
      return next && next.metadata?.uid !== metadata?.uid ? true : undefined
    })
  }

  async hasSeidStarted(name: string): Promise<boolean> {
    const pod = await this.base.get(pods, `${name}-0`)
    return pod?.status?.containerStatuses?.some(({ containerID }) => containerID !== undefined) === true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]()
  }
}
