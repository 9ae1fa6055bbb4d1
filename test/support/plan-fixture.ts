/** Predictions of `kubectl sei plan` for specs that are about to be stored: `PlanFixture`. */
import { randomUUID } from 'node:crypto'
import { seiNodes } from '../../src/api/resources.ts'
import { readPlatform } from '../../src/cli/environment.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { type Cluster, connectCluster } from '../../src/plugin/cluster/connect.ts'
import { type Admission, dryRun } from '../../src/plugin/plan/admission.ts'
import { type Prediction, predict, type Wanted } from '../../src/plugin/plan/predict.ts'
import { readSnapshot } from '../../src/plugin/plan/snapshot.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'

type Env = Readonly<Record<string, string>>

export class PlanFixture implements Disposable {
  readonly #cluster: Cluster
  readonly #namespace: string
  readonly #env: Env

  private constructor(cluster: Cluster, namespace: string, env: Env) {
    this.#cluster = cluster
    this.#namespace = namespace
    this.#env = env
  }

  /** @param env of the operator */
  static async open(namespace: string, env: Env = {}): Promise<PlanFixture> {
    const kubeconfig = attachedControlPlane(process.env).kubeconfigPath
    return new PlanFixture(await connectCluster({ kubeconfig }, process.env), namespace, env)
  }

  /** What follows if the spec of the stored SeiNode becomes `spec`; the API server's words if it refuses that. */
  async ofNode(name: string, spec: unknown): Promise<Prediction | string> {
    const answer = await this.#respecced(seiNodes, name, spec)
    return answer.kind === 'refused' ? answer.message : this.#predict({ kind: 'SeiNode', object: answer.object })
  }

  /** @param wanted as the API server would store it */
  async #predict(wanted: Wanted): Promise<Prediction> {
    const options = { newID: randomUUID, now: () => Date.now() }
    const { signal } = new AbortController()
    const operatorNamespace = this.#env['POD_NAMESPACE'] ?? this.#namespace
    const snapshot = await readSnapshot(this.#cluster.client, this.#namespace, operatorNamespace, options, signal)
    const platform = readPlatform(this.#env)
    const [prediction] = await predict([wanted], snapshot, {
      platform,
      operatorNamespace,
      newID: randomUUID,
      now: Date.now(),
      signal,
    })
    if (!prediction) throw new Error('one object has one prediction')
    return prediction
  }

  #respecced<T extends KubeObject>(resource: Resource<T>, name: string, spec: unknown): Promise<Admission<T>> {
    return dryRun(
      this.#cluster.transport,
      resource,
      { namespace: this.#namespace, name },
      {
        body: [{ op: 'replace', path: '/spec', value: spec }],
        contentType: 'application/json-patch+json',
        signal: new AbortController().signal,
      },
    )
  }

  [Symbol.dispose](): void {
    this.#cluster[Symbol.dispose]()
  }
}
