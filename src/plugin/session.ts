/** What every command works with: `Session`, the options, the cluster and the output. */
import { type Cluster, connectCluster } from './cluster/connect.ts'
import type { Io } from './output/io.ts'

export interface GlobalOptions {
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly context?: string
  readonly kubeconfig?: string
  readonly operatorNamespace?: string
}

/** Where `config/default` installs the operator. */
const OPERATOR_NAMESPACE = 'sei-k8s-controller-system'

export class Session implements Disposable {
  readonly io: Io
  readonly #options: GlobalOptions
  readonly #env: Readonly<Record<string, string | undefined>>
  #cluster: Cluster | undefined

  constructor(options: GlobalOptions, env: Readonly<Record<string, string | undefined>>, io: Io) {
    this.#options = options
    this.#env = env
    this.io = io
  }

  /** Throws a ConfigError where no kubeconfig names a cluster. */
  async connect(): Promise<Cluster> {
    this.#cluster ??= await connectCluster(this.#options, this.#env)
    return this.#cluster
  }

  /** That of `--namespace`, or of the context. */
  async namespace(): Promise<string> {
    return this.#options.namespace ?? (await this.connect()).config.namespace
  }

  /** Where the operator may be: an operator without rights in the whole cluster is often beside its nodes. */
  async operatorNamespaces(): Promise<readonly string[]> {
    const { operatorNamespace } = this.#options
    if (operatorNamespace !== undefined) return [operatorNamespace]
    return [...new Set([OPERATOR_NAMESPACE, await this.namespace()])]
  }

  get isAllNamespaces(): boolean {
    return this.#options.allNamespaces === true
  }

  /** Where the connection comes from, once there is one. */
  get source(): string | undefined {
    return this.#cluster?.config.source
  }

  [Symbol.dispose](): void {
    this.#cluster?.[Symbol.dispose]()
  }
}
