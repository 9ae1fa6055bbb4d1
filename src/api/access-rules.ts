/** Every permission that the operator needs, by the part that needs it: `ACCESS_RULES`. The RBAC manifests and their reference are generated from it. */
import { GROUP, SETTINGS_CONFIG_MAP } from './names.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/**
 * Where a permission is granted: in every namespace with nodes, in the operator's own, or in the whole cluster. No Role can
 * grant the last, so an operator that is limited to some namespaces works without it.
 */
export type AccessScope = 'node namespaces' | 'own namespace' | 'cluster'

export interface AccessRule {
  readonly neededBy:
    | 'SeiNode controller'
    | 'SeiNodePool controller'
    | 'events'
    | 'leader election'
    | 'settings'
    | 'metrics'
  readonly scope: AccessScope
  /** Empty for the core group. */
  readonly group: string
  /** Includes the subresource: `seinodes/status`. */
  readonly resource: string
  readonly verbs: readonly Verb[]
  readonly why: string
  /**
   * The only objects that the permission is for; absent: all. `create` can be limited too, because the operator creates by
   * server-side apply: unlike a POST, its request has the name.
   */
  readonly names?: readonly string[] | undefined
}

/**
 * A server-side apply of a child needs `patch`, and `create` if the object is new. `get` is for objects that are not in the
 * caches, which select by label.
 */
const CHILD: readonly Verb[] = ['get', 'list', 'watch', 'create', 'patch', 'delete']

export const ACCESS_RULES: readonly AccessRule[] = [
  ...by('SeiNode controller', 'node namespaces', [
    [GROUP, 'seinodes', ['get', 'list', 'watch', 'patch'], 'follows the nodes; sets and removes the finalizer'],
    [GROUP, 'seinodes/status', ['update'], 'writes plan and conditions'],
    [GROUP, 'seinodes/finalizers', ['update'], 'owner references that block deletion, where a cluster checks them'],
    ['apps', 'statefulsets', CHILD, 'one per node'],
    ['', 'services', CHILD, 'one per node'],
    ['', 'persistentvolumeclaims', CHILD, 'the data volume'],
    ['networking.k8s.io', 'networkpolicies', CHILD, 'one per node of no pool, which follows the policies of others'],
    ['', 'events', ['list'], 'why a pod does not start, once it is past its deadline'],
    [
      '',
      'pods',
      ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      'finds the sidecar; releases a validator’s pod that has ended; replaces a pod that waits in vain; pulls the image of the next upgrade',
    ],
    ['', 'pods/log', ['get'], 'why a seid ended: whether it stopped for an upgrade of its chain'],
  ]),
  ...by('SeiNodePool controller', 'node namespaces', [
    [GROUP, 'seinodepools', ['get', 'list', 'watch', 'patch'], 'follows the pools; sets and removes the finalizer'],
    [GROUP, 'seinodepools/status', ['update'], 'writes conditions and the summary of the nodes'],
    [GROUP, 'seinodepools/finalizers', ['update'], 'owner references that block deletion, where a cluster checks them'],
    [GROUP, 'seinodes', CHILD, 'one per validator'],
    ['batch', 'jobs', CHILD, 'the genesis ceremony, and the preparation of volumes'],
    ['', 'persistentvolumeclaims', CHILD, 'the genesis volume and the data volumes'],
    ['', 'pods', ['list', 'watch'], 'how far Jobs are, and where validators answer'],
    ['networking.k8s.io', 'networkpolicies', CHILD, 'who may talk to the nodes'],
    ['', 'events', ['list'], 'why the pod of a Job is refused or does not start'],
    ['policy', 'poddisruptionbudgets', CHILD, 'how many validators a drain may stop at once'],
  ]),
  ...by('SeiNode controller', 'cluster', [
    ['storage.k8s.io', 'storageclasses', ['list', 'watch'], 'says that a class is missing or lets no volume grow'],
    ['', 'nodes/stats', ['get'], 'asked for by kubelets: how full data volumes are'],
  ]),
  ...by('events', 'node namespaces', [['events.k8s.io', 'events', ['create'], 'tells what happened to a node']]),
  ...by('SeiNodePool controller', 'own namespace', [['', 'pods', ['get'], 'which image the operator itself runs in']]),
  ...by('SeiNode controller', 'own namespace', [
    [
      'coordination.k8s.io',
      'leases',
      ['get', 'list', 'watch', 'create', 'update', 'delete'],
      'one reservation for each consensus key of a validator',
    ],
  ]),
  ...by('leader election', 'own namespace', [
    ['coordination.k8s.io', 'leases', ['get', 'create', 'update'], 'one replica works at a time'],
  ]),
  ...by('settings', 'own namespace', [
    [
      '',
      'configmaps',
      ['create', 'patch'],
      'publishes version and settings, which users may read',
      [SETTINGS_CONFIG_MAP],
    ],
  ]),
  ...by('metrics', 'cluster', [
    ['authentication.k8s.io', 'tokenreviews', ['create'], 'who asks for metrics'],
    ['authorization.k8s.io', 'subjectaccessreviews', ['create'], 'whether they may have them'],
  ]),
]

type Row = readonly [group: string, resource: string, verbs: readonly Verb[], why: string, names?: AccessRule['names']]

function by(neededBy: AccessRule['neededBy'], scope: AccessScope, rows: readonly Row[]): readonly AccessRule[] {
  return rows.map(([group, resource, verbs, why, names]) => ({ neededBy, scope, group, resource, verbs, why, names }))
}
