/** The kubelet's port: statistics of volumes for whoever has the right, and what the API server forwards: `KubeletServer`. */
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { TokenReview } from 'kubernetes-types/authentication/v1.d.ts'
import type { SubjectAccessReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { subjectAccessReviews, tokenReviews } from '../../../src/kube/resources.ts'
import type { ObjectKey } from '../../../src/kube/types.ts'
import { selfSignedCertificate } from '../../../src/runtime/self-signed-certificate.ts'
import { PodPort } from './addresses.ts'
import { joined } from './cache.ts'
import type { ResolvedOptions } from './options.ts'
import { containerLog, forwardPort } from './pod-streams.ts'

const PORT = 10_250

/** As the kubelet reports it. */
export interface VolumeStats {
  readonly usedBytes: number
  readonly capacityBytes: number
  readonly inodesUsed?: number
  readonly inodes?: number
  /** When it was measured, RFC 3339. Default: now. */
  readonly time?: string
}

export interface KubeletServerOptions {
  readonly client: KubeClient
  /** The address of the machine. */
  readonly host: string
  readonly nodeName: string
  /** The pods that run here. */
  readonly pods: () => readonly Pod[]
  readonly logOf: ResolvedOptions['logOf']
}

/** Its certificate is its own, as without `serverTLSBootstrap`. */
export class KubeletServer {
  readonly #options: KubeletServerOptions
  readonly #port: PodPort
  /** By the claim's key; a volume that is not here is not measured. */
  readonly #use = new Map<string, VolumeStats>()

  constructor(options: KubeletServerOptions) {
    this.#options = options
    const certificate = selfSignedCertificate(options.nodeName, new Date())
    this.#port = new PodPort({
      host: options.host,
      port: PORT,
      createServer: () =>
        createServer({ ...certificate }, (request, response) => {
          void this.#answer(request)
            .catch((error: unknown) => ({ status: 500, body: String(error) }))
            .then(({ status, body }) => response.writeHead(status).end(body))
        }).on('upgrade', (request, socket) => forwardPort(request, socket, options.pods())),
    })
  }

  open(): Promise<void> {
    return this.#port.open()
  }

  close(): Promise<void> {
    return this.#port.close()
  }

  set(claim: ObjectKey, use: VolumeStats): void {
    this.#use.set(joined(claim), use)
  }

  async #answer({ method, url = '', headers }: IncomingMessage): Promise<{ status: number; body: string }> {
    // The API server has checked who asks, and has no credentials for kubelets here.
    if (method === 'GET' && url.startsWith('/containerLogs/')) {
      const body = containerLog(url, this.#options.pods(), this.#options.logOf)
      return body === undefined ? { status: 404, body: 'container not found' } : { status: 200, body }
    }
    if (method !== 'GET' || url !== '/stats/summary') return { status: 404, body: '404 page not found' }
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (token === undefined) return { status: 401, body: 'Unauthorized' }
    const { client, nodeName } = this.#options
    const { status: who } = await client.create<TokenReview>(tokenReviews, { spec: { token } })
    const { username: user, groups = [] } = who?.user ?? {}
    if (who?.authenticated !== true || user === undefined) return { status: 401, body: 'Unauthorized' }
    const resourceAttributes = { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'stats', name: nodeName }
    const spec = { resourceAttributes, user, groups }
    const { status: may } = await client.create<SubjectAccessReview>(subjectAccessReviews, { spec })
    if (may?.allowed !== true)
      return { status: 403, body: `Forbidden (user=${user}, resource=nodes, subresource=stats)` }
    return { status: 200, body: JSON.stringify(this.#summary()) }
  }

  #summary(): unknown {
    const { nodeName, pods } = this.#options
    const ofPod = ({ metadata: { name, namespace, uid } = {}, spec }: Pod): unknown => {
      const volume = (spec?.volumes ?? []).flatMap(({ name: volumeName, persistentVolumeClaim }) => {
        const pvcRef = { name: persistentVolumeClaim?.claimName ?? '', namespace: namespace ?? '' }
        const use = this.#use.get(joined(pvcRef))
        return use ? [{ time: new Date().toISOString(), name: volumeName, pvcRef, ...use }] : []
      })
      return { podRef: { name, namespace, uid }, containers: [], volume }
    }
    return { node: { nodeName }, pods: pods().map(ofPod) }
  }
}
