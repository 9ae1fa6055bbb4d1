/** Admission policies for the namespace of one test: `installPolicy`, `installRewrite`. */
import type { KubeObject } from '../../src/kube/types.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { until } from './until.ts'

export interface PolicyOptions {
  readonly kind: 'ValidatingAdmissionPolicy' | 'MutatingAdmissionPolicy'
  /** Cluster-scoped, so it begins with the namespace. */
  readonly name: string
  readonly namespace: string
  readonly spec: object
  /** Fields of the binding besides policy and namespace. */
  readonly binding?: object
}

/** The policy is not yet in force when this resolves. */
export async function installPolicy({ kind, name, namespace, spec, binding = {} }: PolicyOptions): Promise<void> {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
  const bindingSpec = { policyName: name, matchResources: { namespaceSelector }, ...binding }
  await create({ kind, name, spec })
  await create({ kind: `${kind}Binding`, name, spec: bindingSpec })
}

async function removePolicy({ kind, name }: Pick<PolicyOptions, 'kind' | 'name'>): Promise<void> {
  await kubectl(['delete', `${kind}Binding`, name])
  await kubectl(['delete', kind, name])
}

export interface Rewrite {
  readonly name: string
  readonly namespace: string
  readonly apiGroup: string
  readonly resource: string
  /** A CEL expression of type list of JSONPatch, over `object`. */
  readonly patch: string
  /** An object that the patch changes. */
  readonly probe: KubeObject & { readonly spec?: object }
}

/**
 * Changes every object of the resource that is created or updated. The policy is in force when this resolves.
 * @returns what takes it away
 */
export async function installRewrite({
  name,
  namespace,
  apiGroup,
  resource,
  patch,
  probe,
}: Rewrite): Promise<() => Promise<void>> {
  const kind = 'MutatingAdmissionPolicy'
  const rule = { apiGroups: [apiGroup], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: [resource] }
  const spec = {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
    matchConstraints: { resourceRules: [rule] },
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: patch } }],
  }
  await installPolicy({ kind, name, namespace, spec })
  const untilChanges = async (isChanged: boolean): Promise<void> => {
    await until(`${kind} ${name} to be ${isChanged ? 'in force' : 'gone'}`, async () => {
      const args = ['create', '-n', namespace, '--dry-run=server', '-o', 'json', '-f', '-']
      // A kind that is new to the cluster may not be found yet.
      const { code, stdout } = await tryKubectl(args, { stdin: JSON.stringify(probe) })
      return (code === 0 && stdout.includes(MARK) === isChanged) || undefined
    })
  }
  await untilChanges(true)
  return async () => {
    await removePolicy({ kind, name })
    await untilChanges(false)
  }
}

/** The value that a rewrite sets in the probe. */
const MARK = 'rewritten'

const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** Labels that `REWRITE_LABEL` changes. */
export const LABELS = { [MANAGED_BY]: 'probe' }

/** A patch for objects that have the label. */
export const REWRITE_LABEL = `[JSONPatch{
  op: "replace",
  path: "/metadata/labels/" + jsonpatch.escapeKey("${MANAGED_BY}"),
  value: "${MARK}"
}]`

/** The operator's message on an object whose label was changed. */
export const LABEL_REWRITTEN = `metadata.labels.${MANAGED_BY}: wanted "sei-k8s-controller", found "${MARK}"`

async function create({ kind, name, spec }: { readonly kind: string; readonly name: string; readonly spec: object }) {
  const object = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec }
  await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(object) })
}
