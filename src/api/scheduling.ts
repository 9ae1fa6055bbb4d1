/** Schema of where a node's pod runs, with the fields of Kubernetes' PodSpec: `scheduling`. */
import { z } from 'zod'
import { labelKey, labels, labelSelector, labelValue } from './label-selector.ts'
import { NODEPOOL_LABEL } from './names.ts'
import { withRules } from './rules.ts'
import { int32, int64, objectName } from './scalars.ts'

const toleration = withRules(
  z.object({
    key: labelKey.describe('Key of the taint. Default: any, with the operator Exists.').exactOptional(),
    operator: z
      .enum(['Equal', 'Exists'])
      .describe('Equal compares the value, Exists takes any. Default: Equal.')
      .exactOptional(),
    value: labelValue.min(1).describe('Value of the taint.').exactOptional(),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .describe('Effect of the taint. Default: any.')
      .exactOptional(),
    tolerationSeconds: int64(0)
      .describe(
        'How long the pod stays on a machine that gets such a taint of the effect NoExecute. Default: for good.',
      )
      .exactOptional(),
  }),
  {
    rule: '(has(self.operator) && self.operator == "Exists") ? !has(self.value) : has(self.key)',
    message: 'a toleration must set key, or operator Exists; value must not be set with Exists',
  },
  {
    rule: '!has(self.tolerationSeconds) || (has(self.effect) && self.effect == "NoExecute")',
    message: 'tolerationSeconds must not be set unless effect is NoExecute',
  },
)

const matchExpression = withRules(
  z.object({
    key: labelKey.describe('The label of the machine.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How the label is compared.'),
    values: z
      .array(labelValue)
      .min(1)
      .max(16)
      .describe('What is compared with; one whole number for Gt and Lt.')
      .exactOptional(),
  }),
  {
    rule: 'has(self.values) == !(self.operator in ["Exists", "DoesNotExist"])',
    message: 'values must be set unless operator is Exists or DoesNotExist',
  },
  {
    rule: '!(self.operator in ["Gt", "Lt"]) || !has(self.values) || (size(self.values) == 1 && self.values[0].matches("^[0-9]+$"))',
    message: 'values must hold one whole number where operator is Gt or Lt',
  },
)

const matchExpressions = z.array(matchExpression).min(1).max(8)

const nodeAffinity = z.object({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .object({
      nodeSelectorTerms: z
        .array(z.object({ matchExpressions: matchExpressions.describe('Conditions that must all hold.') }))
        .min(1)
        .max(8)
        .describe('A machine must meet one of these.'),
    })
    .describe('Machines that the pod may run on.')
    .exactOptional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(
      z.object({
        weight: int32(1, 100).describe('How much this counts against the others.'),
        preference: z
          .object({ matchExpressions: matchExpressions.describe('Conditions that must all hold.') })
          .describe('Machines that are preferred.'),
      }),
    )
    .min(1)
    .max(8)
    .describe('Machines that the pod preferably runs on.')
    .exactOptional(),
})

const topologySpreadConstraint = z.object({
  topologyKey: labelKey.describe(
    'Label of machines whose values are told apart, such as kubernetes.io/hostname or topology.kubernetes.io/zone.',
  ),
  whenUnsatisfiable: z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('Whether the pod waits for a machine that meets this, or only prefers one.'),
  maxSkew: int32(1, 64)
    .describe('How many more pods one value may have than the one with the fewest. Default: 1.')
    .exactOptional(),
  labelSelector: labelSelector
    .describe(
      "The pods that are counted, in the same namespace. Default: the validators of the node's SeiNodePool; for a SeiNode of none, the SeiNodes of its chain.",
    )
    .exactOptional(),
})

export const scheduling = z.object({
  nodeSelector: labels(16)
    .meta({ minProperties: 1 })
    .describe(`Labels that a machine must have. ${NODEPOOL_LABEL} takes the place of the platform's NodePool.`)
    .exactOptional(),
  tolerations: z
    .array(toleration)
    .min(1)
    .max(16)
    .describe('Taints that the pod tolerates, beside the one of the platform.')
    .exactOptional(),
  nodeAffinity: nodeAffinity
    .describe('Machines that the pod may run on or prefers, within the NodePool.')
    .exactOptional(),
  priorityClassName: objectName('priorityClassName')
    .describe("PriorityClass of the pod, which must exist. Default: the platform's, which is none.")
    .exactOptional(),
  topologySpreadConstraints: z
    .array(topologySpreadConstraint)
    .max(8)
    .meta({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'],
    })
    .describe(
      'How pods are spread. Default: validators of a SeiNodePool prefer machines, and zones, without another one. [] turns that off.',
    )
    .exactOptional(),
})

export type Scheduling = z.infer<typeof scheduling>
