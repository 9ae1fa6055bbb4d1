/** Names that people write, and those that are near. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import { nearNames, parseReference } from './find.ts'

function isUsage(error: unknown): boolean {
  return error instanceof PluginError && error.exitCode === EXIT_CODES.usage
}

test('a name may have its kind before it, as kubectl writes kinds', () => {
  assert.deepEqual(parseReference('rpc-0'), { kind: undefined, name: 'rpc-0' })
  for (const kind of ['node', 'seinode', 'seinodes', 'snode', 'SeiNode'])
    assert.deepEqual(parseReference(`${kind}/rpc-0`), { kind: 'node', name: 'rpc-0' })
  for (const kind of ['pool', 'seinodepool', 'snp'])
    assert.deepEqual(parseReference(`${kind}/devnet`), { kind: 'pool', name: 'devnet' })
  for (const wrong of ['pod/rpc-0', 'node/', 'node/a/b']) {
    assert.throws(() => parseReference(wrong), isUsage, wrong)
  }
})

test('names that differ by few letters, or contain the name, are near', () => {
  const names = ['rpc-0', 'rpc-1', 'devnet-0', 'devnet', 'archive']
  assert.deepEqual(nearNames('rpc-2', names), ['rpc-0', 'rpc-1'])
  assert.deepEqual(nearNames('archvie', names), ['archive'])
  assert.deepEqual(nearNames('dev', names), ['devnet', 'devnet-0'])
  assert.deepEqual(nearNames('validator', names), [])
})
