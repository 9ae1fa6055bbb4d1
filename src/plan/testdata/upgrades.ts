/** Two upgrades of a chain, and a node that has reached the first. */
import type { Upgrade } from '../../api/upgrades.ts'
import type { UpgradeRecord } from '../../build/upgrade-record.ts'

export const v5: Upgrade = { height: 100, image: 'sei:v5', name: 'v5', overrides: { 'a.b': '5' } }
export const v6: Upgrade = { height: 200, image: 'sei:v6' }
export const spec = { image: 'sei:v4', upgrades: [v5, v6] }
export const at5: UpgradeRecord = {
  height: 100,
  name: 'v5',
  image: 'sei:v5',
  overrides: { 'a.b': '5' },
  earlier: ['sei:v4'],
}
