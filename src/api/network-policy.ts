/** Schema of the sources that may reach a node's sidecar, with the fields of Kubernetes' NetworkPolicy: `networkPolicy`. */
import { z } from 'zod'
import { withRules } from './rules.ts'
import { formatted, map } from './scalars.ts'

const KEY = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'
const KEY_MESSAGE = 'must be a label key such as app.kubernetes.io/name'
const labelKey = formatted(317, new RegExp(KEY), KEY_MESSAGE)
const labelValue = formatted(
  63,
  /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  'must be a label value: letters, digits, "-", "_" and ".", first and last a letter or digit',
)

const matchExpression = withRules(
  z.object({
    key: labelKey.describe('The label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label is compared.'),
    values: z.array(labelValue).min(1).max(16).describe('What In and NotIn compare with.').exactOptional(),
  }),
  {
    rule: 'has(self.values) == (self.operator in ["In", "NotIn"])',
    message: 'values must be set where operator is In or NotIn, and only there',
  },
)

// The API server drops empty lists and maps, so the operator would apply them in every reconcile.
const labelSelector = z.object({
  matchLabels: withRules(map(labelValue, 16).meta({ minProperties: 1 }), {
    rule: `self.all(k, k.size() <= 317 && k.matches("${KEY}"))`,
    message: `each key ${KEY_MESSAGE}`,
  })
    .describe('Labels that must have these values.')
    .exactOptional(),
  matchExpressions: z.array(matchExpression).min(1).max(8).describe('Further conditions on labels.').exactOptional(),
})

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const cidr = formatted(
  64,
  new RegExp(
    `^(${OCTET}([.]${OCTET}){3}/(3[0-2]|[12]?[0-9])|[0-9a-fA-F:]*:[0-9a-fA-F:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`,
  ),
  'must be a range of addresses such as 10.0.0.0/16 or 2001:db8::/64',
)

const peer = withRules(
  z.object({
    podSelector: labelSelector
      .describe(
        "Pods with these labels, {} for all: of the node's namespace, or of those that namespaceSelector selects.",
      )
      .exactOptional(),
    namespaceSelector: labelSelector
      .describe('All pods of the namespaces with these labels, {} for all namespaces.')
      .exactOptional(),
    ipBlock: z
      .object({
        cidr: cidr.describe('The addresses.'),
        except: z.array(cidr).min(1).max(16).describe('Parts of cidr that are left out.').exactOptional(),
      })
      .describe('Addresses, as a rule outside the cluster.')
      .exactOptional(),
  }),
  {
    rule: 'has(self.ipBlock) != (has(self.podSelector) || has(self.namespaceSelector))',
    message: 'a source must set ipBlock, or podSelector, namespaceSelector or both',
  },
)

export const networkPolicy = z.object({
  sidecarFrom: z
    .array(peer.describe('One source: ipBlock, or podSelector, namespaceSelector or both.'))
    .max(16)
    .describe(
      "Sources that may reach the sidecar's port beside the operator, as in a NetworkPolicy's from. Default: none.",
    )
    .exactOptional(),
})
