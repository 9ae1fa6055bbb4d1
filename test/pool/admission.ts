/** An admission policy for the pods of one Job of a pool, as organisations and service meshes have them: `underPolicy`. */
import { POOL_JOB_LABEL, POOL_LABEL } from '../../src/api/names.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { until } from '../support/until.ts'

export type Policy =
  | { readonly kind: 'Validating'; readonly expression: string; readonly message: string }
  | { readonly kind: 'Mutating'; /** CEL of a JSONPatch. */ readonly patch: string }

export interface Target {
  readonly namespace: string
  readonly pool: string
  /** The value of the label sei.io/pool-job. */
  readonly job: string
}

/**
 * Runs `act` while the policy is in force, which is over when this resolves.
 * @param expected part of the API server's answer to a pod of that Job while the policy is in force
 */
export async function underPolicy(
  policy: Policy,
  { namespace, pool, job }: Target,
  expected: string,
  act: () => Promise<void>,
): Promise<void> {
  const name = `${namespace}-${pool}-${job}`
  const labels = { [POOL_LABEL]: pool, [POOL_JOB_LABEL]: job }
  const matchConstraints = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    objectSelector: { matchLabels: labels },
    resourceRules: [{ apiGroups: [''], apiVersions: ['*'], operations: ['CREATE'], resources: ['pods'] }],
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe', namespace, labels },
    spec: { serviceAccountName: 'seid-node', containers: [{ name: 'probe', image: 'probe' }] },
  }
  const isInForce = async (): Promise<boolean> => {
    const answer = await tryKubectl(['create', '--dry-run=server', '-o=json', '-f', '-'], {
      stdin: JSON.stringify(pod),
    })
    return `${answer.stdout}${answer.stderr}`.includes(expected)
  }
  const kind = `${policy.kind}AdmissionPolicy`
  const actions = policy.kind === 'Validating' ? { validationActions: ['Deny'] } : {}
  await create(kind, name, { failurePolicy: 'Fail', matchConstraints, ...rulesOf(policy) })
  await create(`${kind}Binding`, name, { policyName: name, ...actions })
  try {
    await until(`policy ${name} to be in force`, async () => ((await isInForce()) ? true : undefined))
    await act()
  } finally {
    await kubectl(['delete', `${kind}Binding`, name])
    await kubectl(['delete', kind, name])
  }
  await until(`policy ${name} to be gone`, async () => ((await isInForce()) ? undefined : true))
}

function rulesOf(policy: Policy): object {
  if (policy.kind === 'Validating') {
    return { validations: [{ expression: policy.expression, message: policy.message }] }
  }
  const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression: policy.patch } }]
  return { reinvocationPolicy: 'Never', mutations }
}

async function create(kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec }
  await kubectl(['create', '-f', '-'], { stdin: JSON.stringify(object) })
}
