/** What the audited users may do: `rights`, the objects that give the operator exactly the role that `config/` ships. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { USERS } from './credentials.ts'

const RBAC = join(import.meta.dirname, '../../config/rbac')
const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`

/** A cluster-scoped object and the path that it is posted to. */
export interface Right {
  readonly path: string
  readonly object: unknown
}

/** A rule that the operator's role lacks so fails a test. */
export async function rights(): Promise<readonly Right[]> {
  return [
    ...grant('devcluster-operator', USERS.operator.name, await rulesOf('role.yaml')),
    // Leases in every namespace, since each test chooses one.
    ...grant('devcluster-leader-election', USERS.operator.name, await rulesOf('account/leader_election_role.yaml')),
    bind('devcluster-bench', USERS.bench.name, 'cluster-admin'),
  ]
}

async function rulesOf(file: string): Promise<unknown> {
  const role: { readonly rules: unknown } = parse(await readFile(join(RBAC, file), 'utf8'))
  return role.rules
}

function grant(name: string, user: string, rules: unknown): readonly Right[] {
  const role = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata: { name }, rules }
  return [{ path: `/apis/${API_VERSION}/clusterroles`, object: role }, bind(name, user, name)]
}

function bind(name: string, user: string, role: string): Right {
  const object = {
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
  }
  return { path: `/apis/${API_VERSION}/clusterrolebindings`, object }
}
