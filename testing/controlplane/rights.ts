/** What the users of a control plane may do: `rights`, the objects that make the operator's account and give it exactly the role that `config/` ships. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { KUBELET_CLIENT, OPERATOR_ACCOUNT, USERS } from './credentials.ts'

const RBAC = join(import.meta.dirname, '../../config/rbac')
const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`

const OPERATOR = { kind: 'ServiceAccount', ...OPERATOR_ACCOUNT }
const API_SERVER = { apiGroup: GROUP, kind: 'User', name: KUBELET_CLIENT }
const BENCH = { apiGroup: GROUP, kind: 'User', name: USERS.bench.name }

/** An object and the path that it is posted to. */
export interface Right {
  readonly path: string
  readonly object: unknown
}

/** A rule that the operator's role lacks so fails a test. In the order in which they can be made. */
export async function rights(): Promise<readonly Right[]> {
  const { namespace, name } = OPERATOR_ACCOUNT
  return [
    { path: '/api/v1/namespaces', object: { metadata: { name: namespace } } },
    { path: `/api/v1/namespaces/${namespace}/serviceaccounts`, object: { metadata: { name } } },
    ...grant('local-operator', OPERATOR, await rulesOf('role.yaml')),
    // Leases in every namespace, since each test chooses one.
    ...grant('local-leader-election', OPERATOR, await rulesOf('account/leader_election_role.yaml')),
    bind('local-bench', BENCH, 'cluster-admin'),
    // Kubelets ask for it.
    bind('local-api-server', API_SERVER, 'system:kubelet-api-admin'),
  ]
}

async function rulesOf(file: string): Promise<unknown> {
  const role: { readonly rules: unknown } = parse(await readFile(join(RBAC, file), 'utf8'))
  return role.rules
}

function grant(name: string, subject: object, rules: unknown): readonly Right[] {
  const role = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata: { name }, rules }
  return [{ path: `/apis/${API_VERSION}/clusterroles`, object: role }, bind(name, subject, name)]
}

function bind(name: string, subject: object, role: string): Right {
  const object = {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [subject],
  }
  return { path: `/apis/${API_VERSION}/clusterrolebindings`, object }
}
