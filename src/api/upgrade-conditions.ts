/** The reasons of conditions that are about upgrades of the chain: `UPGRADE_REASONS`, `UPGRADE_STALLED`. */
import { fails, holds, type Reason, stalls } from './reason.ts'

const ADD =
  'Do what the message says: add the upgrade to the spec, or correct its entry. [Upgrading a chain](../chain-upgrades.md) has the steps.'
const EARLY = 'Set the image back to the one that ran before, and name the new one in spec.upgrades.'
const NEEDED = 'seid stopped for an upgrade of its chain, and the spec has no image for it.'
const TOO_EARLY =
  'The image has an upgrade that the chain has not reached, and the operator does not know which image ran before.'

export const UPGRADE_READY = {
  UpgradeNeeded: fails(NEEDED, ADD),
  UpgradeTooEarly: fails(TOO_EARLY, EARLY),
} as const satisfies Record<string, Reason>

export const UPGRADE_STALLED = {
  UpgradeNeeded: stalls(NEEDED, ADD),
  UpgradeTooEarly: stalls(TOO_EARLY, EARLY),
} as const satisfies Record<string, Reason>

export const UPGRADE_REASONS = {
  UpgradesHealthy: {
    UpgradesKnown: holds('Every upgrade that the chain is known to have voted for is in the spec.'),
    UpgradeNeeded: fails(NEEDED, ADD),
    UpgradeTooEarly: fails(
      'The image in the spec has an upgrade that the chain has not reached. The image from before runs until then; the message names it.',
      'Nothing: the node gets the image at the height. Or set the image back, and name the new one in spec.upgrades.',
    ),
    UpgradeHeld: fails(
      'The spec names an image that an earlier upgrade has replaced, or that of an entry below the height that the node has reached. The image of the upgrade runs; the message names it.',
      'Put the upgrade back into spec.upgrades, or set the image to the one that runs.',
    ),
    UpgradeImageMissing: fails(
      'The image of the next upgrade cannot be pulled; the message quotes the kubelet.',
      'Correct the image in spec.upgrades, or the access to the registry, before the height.',
    ),
    UpgradeNotInSpec: fails(
      'The chain has voted for an upgrade that the spec does not have. The node stops at its height.',
      'Add it to spec.upgrades with the height in the message.',
    ),
  },
} as const satisfies Record<string, Record<string, Reason>>
