/** Admission that refuses requests, or whose webhook is down, for objects of one namespace: `refuse`, `webhookDown`. */
import { randomBytes } from 'node:crypto'
import { USERS } from '../../testing/controlplane/credentials.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { until } from './until.ts'

export interface Refused {
  readonly namespace: string
  /** Names of the objects. */
  readonly names: readonly string[]
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]
  /** Resources with their group: `apps/statefulsets`, `/pods`, `sei.io/seinodes/status`. */
  readonly resources: readonly string[]
}

/** Refuses these requests of the operator, with that message, until it is disposed of. */
export function refuse(refused: Refused, message: string): Promise<AsyncDisposable> {
  const isOperator = `request.userInfo.username == "${USERS.operator.name}"`
  return admission(refused, (name, { names, namespaceSelector, rules }) => {
    const isRefused = `request.name == "${name}" || (request.name in ${JSON.stringify(names)} && ${isOperator})`
    const spec = {
      failurePolicy: 'Fail',
      matchConstraints: { namespaceSelector, resourceRules: rules },
      validations: [{ expression: `!(${isRefused})`, message }],
    }
    return [
      { ...manifest('ValidatingAdmissionPolicy', name), spec },
      {
        ...manifest('ValidatingAdmissionPolicyBinding', name),
        spec: { policyName: name, validationActions: ['Deny'] },
      },
    ]
  })
}

/** Sends these requests of any client to a webhook without a server, until it is disposed of. */
export function webhookDown(refused: Refused): Promise<AsyncDisposable> {
  return admission(refused, (name, { names, namespaceSelector, rules }) => [
    {
      ...manifest('ValidatingWebhookConfiguration', name),
      webhooks: [
        {
          name: 'validate.down.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          namespaceSelector,
          clientConfig: { url: 'https://127.0.0.1:9/validate' },
          matchConditions: [{ name: 'named', expression: `request.name in ${JSON.stringify(names)}` }],
          rules,
        },
      ],
    },
  ])
}

interface Match {
  readonly names: readonly string[]
  readonly namespaceSelector: unknown
  readonly rules: readonly unknown[]
}

/** Resolves when the configuration is in force, and removes it likewise: the API server reads it by a watch. */
async function admission(
  { namespace, names, operations, resources }: Refused,
  manifestsOf: (name: string, match: Match) => readonly KubeObject[],
): Promise<AsyncDisposable> {
  const name = `test-${randomBytes(5).toString('hex')}`
  const rules = resources.map(resource => {
    const [group = '', ...parts] = resource.split('/')
    return { apiGroups: [group], apiVersions: ['*'], operations, resources: [parts.join('/')] }
  })
  // A probe object shows whether the configuration is in force.
  const probe = { apiGroups: [''], apiVersions: ['*'], operations: ['CREATE'], resources: ['configmaps'] }
  const items = manifestsOf(name, {
    names: [...names, name],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    rules: [...rules, probe],
  })
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const untilRefuses = (expected: boolean): Promise<true> =>
    until(`admission ${name} to ${expected ? 'refuse' : 'be gone'}`, async () => {
      const { code } = await tryKubectl(['create', 'configmap', name, '-n', namespace, '--dry-run=server'])
      return (code !== 0) === expected || undefined
    })
  await kubectl(['create', '-f', '-'], { stdin: list })
  await untilRefuses(true)
  return {
    async [Symbol.asyncDispose]() {
      await kubectl(['delete', '--ignore-not-found', '-f', '-'], { stdin: list })
      await untilRefuses(false)
    },
  }
}

function manifest(kind: string, name: string): KubeObject {
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name } }
}
