/** What a kustomization makes: `render`, and `renderOverlay` for one of somebody's own that has it as its base. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { ConfigMap, Service, ServiceAccount } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.d.ts'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/kube/types.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'

export interface MonitorEndpoint {
  readonly path: string
  readonly port: string
  readonly scheme: string
  readonly honorLabels: boolean
  readonly tlsConfig?: { readonly insecureSkipVerify: boolean }
}

/** What a ServiceMonitor of the Prometheus Operator has that matters here. */
export type Monitor = KubeObject & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly endpoints: readonly MonitorEndpoint[]
  }
}

interface Kinds {
  readonly ClusterRole: ClusterRole
  readonly ClusterRoleBinding: ClusterRoleBinding
  readonly ConfigMap: ConfigMap
  readonly Deployment: Deployment
  readonly NetworkPolicy: NetworkPolicy
  readonly PrometheusRule: KubeObject
  readonly Role: Role
  readonly RoleBinding: RoleBinding
  readonly Service: Service
  readonly ServiceAccount: ServiceAccount
  readonly ServiceMonitor: Monitor
}

export class Rendered {
  readonly yaml: string
  readonly objects: readonly KubeObject[]

  constructor(yaml: string) {
    this.yaml = yaml
    this.objects = parseAllDocuments(yaml).map((document): KubeObject => document.toJS())
  }

  /** The one object of that kind, and of that name where there are several. */
  only<Kind extends keyof Kinds>(kind: Kind, name?: string): Kinds[Kind] {
    const isMeant = (object: KubeObject): object is Kinds[Kind] =>
      object.kind === kind && (name === undefined || object.metadata?.name === name)
    const found = this.objects.filter(isMeant)
    const [object] = found
    if (object !== undefined && found.length === 1) return object
    throw new Error(`expected one ${kind} ${name ?? ''}, found [${this.names(kind).join(', ')}]`)
  }

  /** `Kind name` of each object, or the names of one kind. */
  names(kind?: string): readonly string[] {
    if (kind === undefined) return this.objects.map(object => `${object.kind} ${object.metadata?.name}`)
    return this.objects.filter(object => object.kind === kind).map(({ metadata }) => metadata?.name ?? '')
  }
}

/** @param path relative to the repository */
export async function render(path: string): Promise<Rendered> {
  return new Rendered(await kubectl(['kustomize', join(ROOT, path)]))
}

/** Renders a directory of `files`, in which BASE stands for the way to the repository, which has to be relative. */
export async function renderOverlay(files: Readonly<Record<string, string>>): Promise<Rendered> {
  return inNewDirectory(async dir => {
    const base = relative(dir, ROOT)
    const writes = Object.entries(files).map(([name, text]) =>
      writeFile(join(dir, name), text.replaceAll('BASE', base)),
    )
    await Promise.all(writes)
    return new Rendered(await kubectl(['kustomize', dir]))
  })
}

/** A directory that is there while `use` runs. */
export async function inNewDirectory<R>(use: (dir: string) => Promise<R>): Promise<R> {
  const dir = await mkdtemp(join(tmpdir(), 'sei-deploy-'))
  try {
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}
