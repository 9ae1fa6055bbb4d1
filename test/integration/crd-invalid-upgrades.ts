/** Lists of upgrades with something wrong, on either kind: `upgradeCases`, `haltingUpgrades`. */
import type { InvalidCase } from './crd-cases.ts'

const first = { height: 100, image: 'sei:v1' }
const second = { height: 200, image: 'sei:v2' }

/** Right by themselves, and wrong beside `haltHeight`. */
export const haltingUpgrades = [first, { ...second, overrides: { 'chain.halt_height': '300' } }]

/** @param field where the list is */
export function upgradeCases(spec: (upgrades: unknown) => unknown, field: string): readonly InvalidCase[] {
  const rows: readonly (readonly [title: string, upgrades: unknown, says: string, at?: string])[] = [
    ['without heights', [{ image: 'sei:v1' }], 'Required', '[0].height'],
    ['without images', [{ height: 100 }], 'Required', '[0].image'],
    ['at height 0', [{ ...first, height: 0 }], 'greater than or equal to 1', '[0].height'],
    ['at a height beyond whole numbers', [{ ...first, height: 2 ** 53 }], 'less than or equal to', '[0].height'],
    ['with a space in an image', [{ ...first, image: 'sei v1' }], 'without spaces', '[0].image'],
    ['with an empty name', [{ ...first, name: '' }], 'at least 1', '[0].name'],
    ['with a name that is too long', [{ ...first, name: 'v'.repeat(129) }], 'Too long', '[0].name'],
    ['in descending order', [second, first], 'in ascending order of height, with each height once'],
    [
      'with one height twice',
      [first, { ...second, height: 100 }],
      'in ascending order of height, with each height once',
    ],
    ['with one image twice', [first, { ...second, image: 'sei:v1' }], 'must name each image once'],
    ['with a key that is no path', [{ ...first, overrides: { Pruning: 'x' } }], 'dotted snake_case', '[0].overrides'],
    [
      'that move a port',
      [{ ...first, overrides: { 'evm.http_port': '1' } }],
      'must not set what the operator manages',
      '[0].overrides',
    ],
    [
      'that set up state sync',
      [{ ...first, overrides: { 'state_sync.enable': 'true' } }],
      'must not set what the operator manages',
      '[0].overrides',
    ],
    [
      'with too large overrides',
      [{ ...first, overrides: { 'a.b': 'x'.repeat(16_384), 'a.c': 'x' } }],
      'not have more than 16384 characters',
      '[0].overrides',
    ],
    [
      'that are too many',
      Array.from({ length: 65 }, (_, i) => ({ height: i + 1, image: `sei:v${i}` })),
      'must have at most 64 items',
    ],
  ]
  return rows.map(([title, upgrades, says, at = '']) => ({
    title: `upgrades ${title}`,
    spec: spec(upgrades),
    says: [`${field}${at}`, says],
  }))
}
