/** Installs the operator on the cluster under test, as its users do, and removes it: `installOperator`, `configureOperator`, `addOperatorFlag`, `removeOperator`. */
import { fileURLToPath } from 'node:url'

import { type Cluster, images } from './cluster.ts'

const OVERLAY = fileURLToPath(new URL('overlay', import.meta.url))
export const OPERATOR_NAMESPACE = 'sei-k8s-controller-system'
const DEPLOYMENT = 'deployment/sei-k8s-controller-manager'

/** Resolves when its kinds are known and its pods are Ready. */
export async function installOperator(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], await rendered(cluster))
  await cluster.kubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=60s',
    'crd/seinodes.sei.io',
    'crd/seinodepools.sei.io',
  ])
  await untilRolledOut(cluster)
}

/** Adds a flag to the manager, and resolves when the new one's pods are Ready. */
export async function addOperatorFlag(cluster: Cluster, flag: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '/spec/template/spec/containers/0/args/-', value: flag }])
  await cluster.kubectl(['patch', `--namespace=${OPERATOR_NAMESPACE}`, DEPLOYMENT, '--type=json', `--patch=${patch}`])
  await untilRolledOut(cluster)
}

/** Sets variables of the manager, and resolves when the new one's pods are Ready. */
export async function configureOperator(cluster: Cluster, env: Readonly<Record<string, string>>): Promise<void> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  await cluster.kubectl(['set', 'env', `--namespace=${OPERATOR_NAMESPACE}`, DEPLOYMENT, ...variables])
  await untilRolledOut(cluster)
}

export async function removeOperator(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['delete', '--ignore-not-found', '--timeout=120s', '-f', '-'], await rendered(cluster))
}

async function untilRolledOut(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['rollout', 'status', `--namespace=${OPERATOR_NAMESPACE}`, '--timeout=180s', DEPLOYMENT])
}

async function rendered(cluster: Cluster): Promise<string> {
  const manifests = await cluster.kubectl(['kustomize', OVERLAY])
  return manifests
    .replaceAll('e2e/operator:filled-in', images.operator)
    .replaceAll('e2e/sidecar:filled-in', images.sidecar)
}
