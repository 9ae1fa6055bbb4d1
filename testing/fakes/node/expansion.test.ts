/** Tests of expansion.ts, and of what a pod's plan makes of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expanded } from './expansion.ts'
import { podPlan } from './pod-plan.ts'

for (const [text, result] of [
  ['$(HOME)/x', '/sei/x'],
  ['$(HOME)$(HOME)', '/sei/sei'],
  ['$$(HOME)', '$(HOME)'],
  ['$$$(HOME)', '$/sei'],
  ['$(NONE)', '$(NONE)'],
  ['$(cat "$HOME/x")', '$(cat "$HOME/x")'],
  ['$((i + 1))', '$((i + 1))'],
  ['$HOME ${HOME} $( $', '$HOME ${HOME} $( $'],
  ['$(constructor)', '$(constructor)'],
] as const) {
  test(`${text} reads ${result}`, () => {
    assert.equal(expanded(text, { HOME: '/sei' }), result)
  })
}

test('command, arguments and later variables of a container are expanded', () => {
  const env = [
    { name: 'DIR', value: '/sei' },
    { name: 'FILE', value: '$(DIR)/file' },
    { name: 'EARLY', value: '$(LATE)' },
    { name: 'LATE', value: 'x' },
  ]
  const plan = podPlan({ spec: { containers: [{ name: 'a', env, command: ['$(FILE)'], args: ['{"a":"$$5"}'] }] } })
  const [container] = plan.containers
  assert.deepEqual(container?.env, { DIR: '/sei', FILE: '/sei/file', EARLY: '$(LATE)', LATE: 'x' })
  assert.deepEqual(container?.command, ['/sei/file', '{"a":"$5"}'])
})
