/** What the operator tells Prometheus: `operatorMetrics`; `removeMetricsReader` removes what that leaves in the cluster. */
import type { Cluster } from './cluster.ts'
import { OPERATOR_NAMESPACE } from './install.ts'

const READER = 'metrics-of-tests'
/** Its certificate is self-signed. */
const FETCH = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
const answer = await fetch('https://127.0.0.1:8443/metrics', { headers: { authorization: 'Bearer ' + process.argv[1] } })
if (!answer.ok) throw new Error('HTTP ' + answer.status)
console.log(await answer.text())`

/** A series of the operator's metrics by name and SeiNode; undefined while there is none. */
export type Metrics = (name: string, node: string) => number | undefined

/** As an account reads them that is bound to the role for it. Each SeiNode has its series in the process that leads. */
export async function operatorMetrics(cluster: Cluster): Promise<Metrics> {
  const token = await readerToken(cluster)
  const inNamespace = `--namespace=${OPERATOR_NAMESPACE}`
  const selector = '--selector=control-plane=controller-manager'
  const names = await cluster.kubectl(['get', 'pods', inNamespace, selector, '--output=name'])
  const texts = await Promise.all(
    names
      .trim()
      .split('\n')
      .map(pod => {
        const command = ['/nodejs/bin/node', '--input-type=module', '--eval', FETCH, token]
        return cluster.exec(OPERATOR_NAMESPACE, pod.replace('pod/', ''), 'manager', command)
      }),
  )
  const lines = texts.join('\n').split('\n')
  return (name, node) => {
    const line = lines.find(each => each.startsWith(`${name}{`) && each.includes(`seinode="${node}"`))
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
  }
}

async function readerToken(cluster: Cluster): Promise<string> {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: OPERATOR_NAMESPACE, name: READER },
  }
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: READER },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'sei-k8s-metrics-reader' },
    subjects: [{ kind: 'ServiceAccount', namespace: OPERATOR_NAMESPACE, name: READER }],
  }
  const objects = [account, binding].map(object => JSON.stringify(object)).join('\n---\n')
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], objects)
  return (await cluster.kubectl(['create', 'token', READER, `--namespace=${OPERATOR_NAMESPACE}`])).trim()
}

/** The account goes with its namespace. */
export async function removeMetricsReader(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['delete', '--ignore-not-found', 'clusterrolebinding', READER])
}
