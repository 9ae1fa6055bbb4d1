/** The condition UpgradesHealthy, and what Ready and Stalled say of a node that stands at an upgrade: `evaluateUpgrades`, `upgradeProblem`. Pure. */
import type { UpgradeStatus } from '../../../api/seinode-status.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { UpgradeNeed } from '../../../plan/upgrades.ts'
import type { NodeFinding } from '../../shared/conditions.ts'
import { poolOf } from '../../shared/rollout-gate.ts'
import type { Observation } from '../observation.ts'
import { upgradeStatus } from '../upgrades/upgrade-status.ts'

/** Undefined for a node that no upgrade concerns. */
export function evaluateUpgrades(observation: Observation): NodeFinding<'UpgradesHealthy'> | undefined {
  const { node, upgrades } = observation
  if (!upgrades) return undefined
  const { upgrade } = upgradeStatus(observation)
  const problem = upgradeProblem(observation)
  if (problem) return problem
  if (!upgrade)
    return (
      findCondition(node.status?.conditions, 'UpgradesHealthy') && {
        reason: 'UpgradesKnown',
        message: 'no upgrade is known',
      }
    )
  const { effective, record, image } = upgrades
  const { wanted, image: runs, deviation } = effective
  if (deviation === 'early') {
    const message = `${wanted} has upgrade "${record?.early?.name}", which the chain has not reached: seid stops with it. ${runs} runs until seid stops for that upgrade; the node gets ${wanted} then. To stop it from being tried, set the image back to ${runs} and name ${wanted} in ${field(node)}`
    return { reason: 'UpgradeTooEarly', message }
  }
  if (deviation === 'outgrown') {
    const message = `the spec names ${wanted}, which stopped for an upgrade that the state on the volume has been through since (${told(upgrade)}). ${runs} runs. Put the upgrade back into ${field(node)}, or set the image to ${runs}`
    return { reason: 'UpgradeHeld', message }
  }
  if (deviation === 'passed') {
    const message = `the entry for ${wanted} in ${field(node)} has height ${effective.entry?.height}, and the node has reached ${told(upgrade)} with ${runs}, which runs on: a height that was passed is no upgrade that was reached. Correct the height of the entry, or put ${wanted} into the entry of height ${upgrade.height}`
    return { reason: 'UpgradeHeld', message }
  }
  if (image?.kind === 'missing') {
    const message = `image ${image.image} of the upgrade at height ${upgrade.next?.height} cannot be pulled (${image.message})${expected(upgrade.next)}. Correct it in ${field(node)}, or the access to the registry`
    return { reason: 'UpgradeImageMissing', message }
  }
  return notInSpec(observation, upgrade) ?? { reason: 'UpgradesKnown', message: known(upgrade, observation) }
}

/** The chain voted for one that the spec does not have: the node is going to stop there. */
function notInSpec({ node }: Observation, { voted }: UpgradeStatus): NodeFinding<'UpgradesHealthy'> | undefined {
  if (!voted) return undefined
  const entry = node.spec.upgrades?.find(({ height }) => height === voted.height)
  if (entry && (entry.name === undefined || entry.name === voted.name)) return undefined
  const what = `the chain has voted for upgrade "${voted.name}" at height ${voted.height}${expected(voted)}`
  const message = entry
    ? `${what}, and ${field(node)} has an upgrade "${entry.name}" at that height: correct the name, or the height of that one`
    : `${what}, and ${field(node)} does not have it: the node stops there. Add an entry with height ${voted.height} and the image of ${voted.name}. A minor release that runs already needs none`
  return { reason: 'UpgradeNotInSpec', message }
}

/** A reason of UpgradesHealthy, Ready and Stalled. */
export interface UpgradeProblem {
  readonly reason: 'UpgradeNeeded' | 'UpgradeTooEarly'
  readonly message: string
}

/** What keeps the seid of the node from going on. */
export function upgradeProblem({ node, upgrades }: Pick<Observation, 'node' | 'upgrades'>): UpgradeProblem | undefined {
  if (!upgrades?.need) return undefined
  const { need, effective } = upgrades
  return {
    reason: need.kind === 'early' ? 'UpgradeTooEarly' : 'UpgradeNeeded',
    message: needed(need, effective.image, node),
  }
}

function needed(need: UpgradeNeed, image: string, node: Observation['node']): string {
  const at = field(node)
  switch (need.kind) {
    case 'absent': {
      if (need.height === undefined)
        return `the state on the volume has been through upgrade "${need.name}", which ${image} does not have, and ${at} has no further entry for it. Add the entry of ${need.name}, with its height and its image`
      const other = node.spec.upgrades?.find(({ name }) => name === need.name)
      const correct = other === undefined ? '' : `. Its entry of that name has height ${other.height}: correct it`
      return `seid stopped for upgrade "${need.name}" at height ${need.height}, which ${image} does not have, and ${at} has no entry of that height. Add one: height: ${need.height}, image: the one of ${need.name}${correct}`
    }
    case 'misplaced': {
      const what = `the state on the volume has been through upgrade "${need.name}", which ${image} does not have`
      return need.isNamed
        ? `${what}, and its entry in ${at} has height ${need.height}, which cannot be its height: the chain has not reached it, or the node had been beyond it before. Correct it`
        : `${what}. The next entry in ${at} has height ${need.height}, which the chain is not known to have reached. Add the entry of ${need.name}, with its height and its image; if it is that one, set its name to ${need.name}`
    }
    case 'misnamed':
      return `seid stopped for upgrade "${need.name}" at height ${need.height}, and the entry of that height in ${at} is for "${need.expected}". Correct its name, and check its image`
    case 'lacking':
      return `${need.image} does not have upgrade "${need.name}"${need.height === undefined ? '' : `, for which ${at} names it at height ${need.height}`}: seid stops with it. Correct the image of that entry`
    case 'early':
      return `${need.image} has upgrade "${need.name}", which the chain has not reached, and seid stops with it. Which image ran before is not known: set the image back to it, and name ${need.image} in ${at}. If ${need.image} is in ${at} already, add the entry before it that the state on the volume needs`
  }
}

function known({ next, image, ...reached }: UpgradeStatus, { node, upgrades }: Observation): string {
  const runs = reached.height === undefined ? `${image} runs` : `${image} runs since ${told({ image, ...reached })}`
  if (!next) return `${runs}; no further upgrade is known`
  const entry = node.spec.upgrades?.find(({ height }) => height === next.height)
  const followed = `${runs}; it is followed by ${entry?.image} when seid stops for the upgrade at height ${next.height}${expected(next)}`
  const { image: pulled } = upgrades ?? {}
  if (pulled?.kind === 'present') return `${followed}. The image is on the machine of the node`
  return pulled?.kind === 'unchecked'
    ? `${followed}. Whether the image can be pulled is not known: ${pulled.message}`
    : followed
}

function told({ height, name }: UpgradeStatus): string {
  return name === undefined ? `the upgrade at height ${height}` : `upgrade "${name}" at height ${height}`
}

function expected(ahead: UpgradeStatus['next']): string {
  return ahead?.expectedAt === undefined ? '' : `, expected about ${ahead.expectedAt}`
}

/** Where a person corrects it. */
function field(node: Observation['node']): string {
  const pool = poolOf(node)
  return pool === undefined ? 'spec.upgrades' : `spec.nodeConfiguration.upgrades of SeiNodePool ${pool}`
}
