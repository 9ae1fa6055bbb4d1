/** Tests of how an audit log is held against the operator's rights. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { AccessRule, Verb } from '../src/api/access-rules.ts'
import { readUsedRights } from './used-rights.ts'

function rule(group: string, resource: string, ...verbs: readonly Verb[]): AccessRule {
  return { neededBy: 'SeiNode controller', scope: 'node namespaces', group, resource, verbs, why: 'a test' }
}

function line(verb: string, resource: string, further: object = {}): object {
  const [name, subresource] = resource.split('/')
  return {
    verb,
    requestURI: `/${resource}`,
    user: { username: 'operator' },
    objectRef: { resource: name, subresource },
    ...further,
  }
}

function patch(resource: string, code: number): object {
  return line('patch', resource, { responseStatus: { code } })
}

async function logOf(t: TestContext, lines: readonly object[], rest = ''): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sei-rights-'))
  t.after(() => rm(dir, { recursive: true }))
  const path = join(dir, 'audit.log')
  await writeFile(path, `${lines.map(each => JSON.stringify(each)).join('\n')}\n${rest}`)
  return path
}

test('a right is used by a request of the operator with that verb, group, resource and subresource', async t => {
  const log = await logOf(
    t,
    [
      line('get', 'pods'),
      line('update', 'pods/status'),
      line('delete', 'pods', { user: { username: 'somebody else' } }),
      line('get', 'jobs', { objectRef: { apiGroup: 'batch', resource: 'jobs' } }),
    ],
    '{"verb":"delete","unfinis',
  )
  const rules = [
    rule('', 'pods', 'get', 'delete'),
    rule('', 'pods/status', 'update'),
    rule('batch', 'jobs', 'get', 'list'),
  ]
  assert.deepEqual((await readUsedRights(log, 'operator', rules)).unused, ['delete pods', 'list jobs.batch'])
})

test('an apply that made its object used the right to create, and one that changed it did not', async t => {
  const log = await logOf(t, [patch('services', 201), patch('pods', 200)])
  const rules = [rule('', 'services', 'create', 'patch'), rule('', 'pods', 'create', 'patch')]
  assert.deepEqual((await readUsedRights(log, 'operator', rules)).unused, ['create pods'])
})

test('what admission or kubelets alone ask for is not expected in the log', async t => {
  const log = await logOf(t, [])
  const rules = [rule('sei.io', 'seinodes/finalizers', 'update'), rule('', 'nodes/stats', 'get')]
  assert.deepEqual((await readUsedRights(log, 'operator', rules)).unused, [])
})

test('what RBAC refused is told once, and used no right', async t => {
  const annotations = { 'authorization.k8s.io/decision': 'forbid' }
  const log = await logOf(t, [line('list', 'pods', { annotations }), line('list', 'pods', { annotations })])
  assert.deepEqual(await readUsedRights(log, 'operator', [rule('', 'pods', 'list')]), {
    refused: ['list /pods'],
    unused: ['list pods'],
  })
})
