/** A namespace with its own fake node and operator on the shared control plane: `OperatorFixture`. */
import type { Event } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { FakeNode } from '../../testing/fakes/node/index.ts'
import type { Home } from '../../testing/fakes/sidecar/index.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import type { Condition } from '../../src/api/status.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { events, serviceAccounts } from '../../src/kube/resources.ts'
import type { KubeObject, ObjectKey, Resource } from '../../src/kube/types.ts'
import { FakeNodeFixture, type FakeNodeFixtureOptions } from './fake-node-fixture.ts'
import { installCRDs } from './install-crds.ts'
import { OperatorProcess, type OperatorProcessOptions } from './operator-process.ts'
import { until } from './until.ts'

export interface OperatorFixtureOptions {
  readonly node?: FakeNodeFixtureOptions
  readonly operator?: Partial<OperatorProcessOptions>
  /** False: the test starts the operator itself. */
  readonly started?: boolean
}

/** A spec whose bootstrap needs no other services. */
export const GENESIS_SPEC: SeiNodeSpec = { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0' }

export class OperatorFixture implements AsyncDisposable {
  readonly base: FakeNodeFixture
  readonly operator: OperatorProcess

  private constructor(fixture: FakeNodeFixture, operator: OperatorProcess) {
    this.base = fixture
    this.operator = operator
  }

  static async open({ node, operator, started = true }: OperatorFixtureOptions = {}): Promise<OperatorFixture> {
    const plane = attachedControlPlane(process.env)
    const fixture = await FakeNodeFixture.open({ defaultProfile: 'v0.0.25', ...node })
    await installCRDs(fixture.client)
    await fixture.client.create(serviceAccounts, { metadata: fixture.key('seid-node') })
    const operatorProcess = new OperatorProcess({
      kubeconfig: plane.operatorKubeconfigPath,
      namespaces: [fixture.namespace],
      ...operator,
    })
    if (started) operatorProcess.start()
    return new OperatorFixture(fixture, operatorProcess)
  }

  /** The admin's client; the operator has its own. */
  get client(): KubeClient {
    return this.base.client
  }

  get namespace(): string {
    return this.base.namespace
  }

  get node(): FakeNode {
    return this.base.node
  }

  key(name: string): ObjectKey & { readonly namespace: string } {
    return this.base.key(name)
  }

  /** The pod of the SeiNode of that name. */
  podKey(name: string): ObjectKey & { readonly namespace: string } {
    return this.base.key(`${name}-0`)
  }

  /** The node's seid runs and stands still, until it is told to go on. */
  stall(name: string, isStalled = true): void {
    this.node.setSeidStalled(this.podKey(name), isStalled)
  }

  create(name: string, spec: SeiNodeSpec = GENESIS_SPEC): Promise<SeiNode> {
    return this.client.create(seiNodes, {
      apiVersion: 'sei.io/v1alpha1',
      kind: 'SeiNode',
      metadata: this.key(name),
      spec,
    })
  }

  /** Merges into the existing SeiNode. */
  patch(name: string, body: unknown): Promise<SeiNode> {
    return this.client.patch(seiNodes, this.key(name), body, { type: 'merge' })
  }

  /** Creates a claim. Resolves with its volume, for files that must exist before a pod mounts it. */
  async prepareVolume(claim: string): Promise<Home> {
    await this.base.claim(claim)
    return until(`claim ${claim} to be known to the fake node`, () => this.homeOf(claim))
  }

  /** What is on a claim's volume; undefined where the fake node does not know the claim yet. */
  homeOf(claim: string): Home | undefined {
    try {
      return this.node.homeOf(this.key(claim))
    } catch {
      return undefined
    }
  }

  get<T extends KubeObject>(resource: Resource<T>, name: string): Promise<T | undefined> {
    return this.client.get(resource, this.key(name))
  }

  /** Resolves with the SeiNode when it meets the condition. */
  untilNode(name: string, what: string, isMet: (node: SeiNode) => boolean, deadlineMs?: number): Promise<SeiNode> {
    return until(
      `SeiNode ${name}: ${what}`,
      async () => {
        const node = await this.get(seiNodes, name)
        return node && isMet(node) ? node : undefined
      },
      {
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        found: async () => ({ status: (await this.get(seiNodes, name))?.status, operator: this.operator.log }),
      },
    )
  }

  untilRunning(name: string, deadlineMs?: number): Promise<SeiNode> {
    return this.untilNode(name, 'Running and Ready', isReady, deadlineMs)
  }

  /** The events about the object, in the order of their time. */
  async eventsOf(name: string, kind = 'SeiNode'): Promise<readonly Event[]> {
    const { items } = await this.client.list(events, {
      namespace: this.namespace,
      fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}`,
    })
    return items.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
  }

  /**
   * Resolves with the first event about the object that has the reason and the text. An event is posted after the status that
   * it reports, and is lost with an operator that is killed in between.
   */
  untilEvent(name: string, reason: string, text?: RegExp, kind = 'SeiNode'): Promise<Event> {
    const isMeant = (event: Event): boolean => event.reason === reason && (text?.test(event.message ?? '') ?? true)
    return until(
      `event ${reason} of ${kind} ${name}${text ? ` with ${text}` : ''}`,
      async () => (await this.eventsOf(name, kind)).find(isMeant),
      { found: async () => ({ events: await this.eventsOf(name, kind), operator: this.operator.log }) },
    )
  }

  /** Types of the tasks that the node's sidecars executed, oldest first. */
  executedBy(name: string): readonly string[] {
    return this.node.executionsOf(this.podKey(name)).map(execution => execution.type)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.operator.stop()
    await this.base.close()
  }
}

export function conditionOf(node: SeiNode, type: string): Condition | undefined {
  return node.status?.conditions?.find(condition => condition.type === type)
}

export function isReady(node: SeiNode): boolean {
  return node.status?.phase === 'Running' && conditionOf(node, 'Ready')?.status === 'True'
}

function timeOf(event: Event): string {
  return event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp ?? ''
}
