/** A fresh control plane as each measurement finds it: CRDs served, ServiceAccount there, fake node running. `startBenchCluster`. */
import { join } from 'node:path'
import type { KubeClient } from '../src/kube/client.ts'
import { loadClusterConfig } from '../src/kube/config.ts'
import { createKubeClient } from '../src/kube/http-client.ts'
import { namespaces, serviceAccounts } from '../src/kube/resources.ts'
import type { Binaries } from '../testing/controlplane/programs.ts'
import { type ControlPlane, startControlPlane } from '../testing/controlplane/cluster.ts'
import { environmentOf } from '../testing/controlplane/environment.ts'
import { Supervisor } from '../testing/controlplane/supervisor.ts'
import { kubectl } from '../testing/kubectl.ts'
import { launchFakeNode } from '../testing/launch.ts'
import { ROOT } from '../testing/root.ts'
import { NAMESPACE } from './bench-node.ts'

const PUBLISHED_DEADLINE_MS = 60_000
/** The release whose sidecars the pods run: tasks keep their ids, and are complete when the next request arrives. */
const SIDECAR_PROFILE = 'v0.0.25'
const FAKE_NODE_ARGS = [`--profile=${SIDECAR_PROFILE}`, '--no-volume-phases']

export interface BenchCluster extends AsyncDisposable {
  readonly plane: ControlPlane
  /** Ends its processes with the cluster. */
  readonly supervisor: Supervisor
  /** The admin's: what it asks is not in the audit log. */
  readonly admin: KubeClient
}

export async function startBenchCluster(binaries: Binaries): Promise<BenchCluster> {
  const plane = await startControlPlane({ binaries })
  const supervisor = new Supervisor()
  const admin = await adminOf(plane)
  const stop = async (): Promise<void> => {
    admin.close()
    await supervisor.stop()
    await plane.stop()
  }
  try {
    await Promise.all([
      installCRDs(plane),
      prepareNamespace(admin),
      launchFakeNode({ controlPlane: plane, supervisor, args: FAKE_NODE_ARGS }),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { plane, supervisor, admin, [Symbol.asyncDispose]: stop }
}

async function adminOf(plane: ControlPlane): Promise<KubeClient & { close(): void }> {
  const config = await loadClusterConfig({ kubeconfig: plane.kubeconfigPath, env: process.env })
  return createKubeClient(config, { userAgent: 'bench' })
}

/** Resolves when the CRDs are served and published, which costs the server most of a second of work. */
async function installCRDs(plane: ControlPlane): Promise<void> {
  const env = { ...process.env, ...environmentOf(plane) }
  await kubectl(['apply', '--server-side', '-k', join(ROOT, 'config/crd')], { env })
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'], { env })
  const deadline = Date.now() + PUBLISHED_DEADLINE_MS
  for (;;) {
    const failure = await kubectl(['get', '--raw', '/openapi/v3/apis/sei.io/v1alpha1'], { env }).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failure === undefined) return
    if (Date.now() > deadline) throw new Error('the CRDs were not published in time', { cause: failure })
  }
}

async function prepareNamespace(admin: KubeClient): Promise<void> {
  await admin.create(namespaces, { metadata: { name: NAMESPACE } })
  await admin.create(serviceAccounts, { metadata: { name: 'seid-node', namespace: NAMESPACE } })
}
