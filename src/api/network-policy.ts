/** Schema of the sources that may reach a node's sidecar, with the fields of Kubernetes' NetworkPolicy: `networkPolicy`. */
import { z } from 'zod'
import { labelSelector } from './label-selector.ts'
import { withRules } from './rules.ts'
import { formatted } from './scalars.ts'

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
