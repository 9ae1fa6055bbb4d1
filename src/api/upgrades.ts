/** Upgrades of the chain at a height, as both kinds have them in their spec: `upgrades`. */
import { z } from 'zod'
import { MAX_UPGRADE_OVERRIDES, MAX_UPGRADE_OVERRIDES_SIZE, MAX_UPGRADES } from './limits.ts'
import { MANAGED_KEYS } from './managed-overrides.ts'
import { celStrings, withRules } from './rules.ts'
import { image, int64 } from './scalars.ts'
import { overrides } from './shared.ts'

/** Name of an upgrade in the plan that its chain voted for. */
export const MAX_UPGRADE_NAME = 128

const managed = MANAGED_KEYS.filter(key => !key.endsWith('.'))
const managedPrefixes = MANAGED_KEYS.filter(key => key.endsWith('.'))

const upgrade = z.object({
  height: int64(1).describe('Height of the plan that the chain voted for: the first block that needs the image.'),
  image: image.describe('Image that holds the seid of this upgrade.'),
  name: z
    .string()
    .min(1)
    .max(MAX_UPGRADE_NAME)
    .describe(
      'Name of the plan, such as v6.5.0. With it, an upgrade of another name at this height is not made. Default: any name.',
    )
    .exactOptional(),
  overrides: withRules(
    overrides(MAX_UPGRADE_OVERRIDES),
    // Of these the operator has to know before the height.
    {
      rule: `self.all(k, !(k in ${celStrings(managed)})${managedPrefixes.map(prefix => ` && !k.startsWith(${JSON.stringify(prefix)})`).join('')})`,
      message:
        'overrides of an upgrade must not set what the operator manages (ports, files, peers, state_sync.*, chain.chain_id): set it in spec.overrides, where that is possible',
    },
    // They are kept in an annotation of the claim.
    {
      rule: `self.map(k, self[k].size()).sum() <= ${MAX_UPGRADE_OVERRIDES_SIZE}`,
      message: `overrides of an upgrade must not have more than ${MAX_UPGRADE_OVERRIDES_SIZE} characters in all values together`,
    },
  )
    .describe('Settings of seid from this upgrade on, until the next one. They win over the overrides of the spec.')
    .exactOptional(),
})

export const upgrades = withRules(
  z.array(upgrade.describe('One upgrade.')).max(MAX_UPGRADES),
  {
    rule: 'self.map(u, u.height).isSorted() && self.all(a, self.exists_one(b, b.height == a.height))',
    message: 'upgrades must be in ascending order of height, with each height once',
  },
  // An image that ran before an upgrade does not have it.
  {
    rule: 'self.all(a, self.exists_one(b, b.image == a.image))',
    message:
      'upgrades must name each image once: an image that ran before an upgrade is not the one that the upgrade needs',
  },
)

export type Upgrade = z.infer<typeof upgrade>
