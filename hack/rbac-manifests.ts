/** The RBAC manifests that are made from `ACCESS_RULES`, by their path in the repository: `rbacManifests`. */
import { ACCESS_RULES, type AccessScope, type Verb } from '../src/api/access-rules.ts'
import { KINDS } from '../src/api/kinds.ts'
import { GROUP } from '../src/api/names.ts'

interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  /** Undefined: all. */
  readonly resourceNames?: readonly string[] | undefined
  readonly verbs: readonly string[]
}

interface RoleManifest {
  readonly apiVersion: string
  readonly kind: 'Role' | 'ClusterRole'
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly rules: readonly PolicyRule[]
}

const VERB_ORDER: readonly Verb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const LABELS = { 'app.kubernetes.io/name': 'sei-k8s-controller', 'app.kubernetes.io/managed-by': 'kustomize' }

export function rbacManifests(): ReadonlyMap<string, RoleManifest> {
  return new Map([
    ['config/rbac/role.yaml', role('ClusterRole', 'manager-role', policyRules(['node namespaces', 'cluster']))],
    ['config/namespaced/role/role.yaml', role('Role', 'manager-role', policyRules(['node namespaces']))],
    [
      'config/rbac/account/leader_election_role.yaml',
      role('Role', 'leader-election-role', policyRules(['own namespace'])),
    ],
    ['config/rbac/users/viewer_role.yaml', userRole('viewer', 'view', ['get', 'list', 'watch'], ['get'])],
    [
      'config/rbac/users/editor_role.yaml',
      userRole('editor', 'edit', ['create', 'update', 'patch', 'delete', 'deletecollection']),
    ],
    // Whoever administers a namespace may mend a status by hand.
    ['config/rbac/users/admin_role.yaml', userRole('admin', 'admin', [], ['update', 'patch'])],
  ])
}

/** One rule for each resource and the names in it, with the verbs of all that need it. */
function policyRules(scopes: readonly AccessScope[]): readonly PolicyRule[] {
  const verbs = new Map<string, Set<Verb>>()
  for (const rule of ACCESS_RULES.filter(({ scope }) => scopes.includes(scope))) {
    const key = [rule.group, rule.resource, ...(rule.names ?? [])].join(' ')
    verbs.set(key, new Set([...(verbs.get(key) ?? []), ...rule.verbs]))
  }
  return [...verbs]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, granted]) => {
      const [group = '', resource = '', ...resourceNames] = key.split(' ')
      return {
        apiGroups: [group],
        resources: [resource],
        resourceNames: resourceNames.length === 0 ? undefined : resourceNames,
        verbs: VERB_ORDER.filter(verb => granted.has(verb)),
      }
    })
}

/** Kubernetes adds its rules to its own role of that name, so that who may view a namespace may view its nodes. */
function userRole(
  name: string,
  aggregateTo: string,
  verbs: readonly string[],
  statusVerbs: readonly string[] = [],
): RoleManifest {
  const plurals = KINDS.map(({ plural }) => plural)
  const rules: PolicyRule[] = []
  if (verbs.length > 0) rules.push({ apiGroups: [GROUP], resources: plurals, verbs })
  if (statusVerbs.length > 0) {
    rules.push({ apiGroups: [GROUP], resources: plurals.map(plural => `${plural}/status`), verbs: statusVerbs })
  }
  const labels = { [`rbac.authorization.k8s.io/aggregate-to-${aggregateTo}`]: 'true' }
  return role('ClusterRole', `${name}-role`, rules, labels)
}

function role(
  kind: RoleManifest['kind'],
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>> = {},
): RoleManifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, labels: { ...LABELS, ...labels } },
    rules,
  }
}
