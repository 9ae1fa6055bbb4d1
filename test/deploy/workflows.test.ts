/** The workflows of GitHub Actions: what only GitHub can run is at least well formed, pinned, and allowed no more than it needs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { ROOT } from '../../testing/root.ts'

const DIR = join(ROOT, '.github/workflows')

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly steps: readonly Step[]
  readonly permissions?: unknown
  readonly needs?: string | readonly string[]
  readonly 'timeout-minutes'?: number
}

interface Workflow {
  readonly on: { readonly push?: { readonly branches?: readonly string[]; readonly tags?: readonly string[] } }
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const workflows = new Map(
  readdirSync(DIR).map((name): [string, Workflow] => [name, parse(readFileSync(join(DIR, name), 'utf8'))]),
)

function named(name: string): Workflow {
  const workflow = workflows.get(name)
  if (workflow === undefined) throw new Error(`${name}: no such workflow`)
  return workflow
}

function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps)
}

function imageStep(name: string): Readonly<Record<string, unknown>> {
  return stepsOf(named(name)).find(({ uses }) => uses?.startsWith('docker/build-push-action@'))?.with ?? {}
}

test('actionlint finds nothing in the workflows', async t => {
  const files = [...workflows.keys()].map(name => join(DIR, name))
  const args = ['-C', join(ROOT, 'hack/actionlint'), 'tool', 'actionlint', '-no-color', '-shellcheck=', '-pyflakes=']
  try {
    const { stdout } = await promisify(execFile)('go', [...args, ...files], {
      env: { ...process.env, GOFLAGS: '-mod=readonly' },
    })
    assert.equal(stdout, '')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return t.skip('Go is not installed')
    throw error
  }
})

test('every action is pinned to a version, every job ends by itself, and rights are read-only unless a job says more', () => {
  for (const [name, workflow] of workflows) {
    for (const { uses } of stepsOf(workflow)) assert.match(uses ?? 'run@v0', /@v\d+(\.\d+)*$/, name)
    for (const job of Object.values(workflow.jobs)) assert.ok(job['timeout-minutes'] !== undefined, name)
    const rights = name === 'ecr.yml' ? { contents: 'read', 'id-token': 'write' } : { contents: 'read' }
    assert.deepEqual(workflow.permissions, rights, name)
  }
})

test('R16: ci.yml runs what CI runs here', () => {
  assert.ok(stepsOf(named('ci.yml')).some(({ run }) => run === '.ci/run'))
})

test('R16: every push to main, and nothing else, becomes an image in ECR, for both platforms, with provenance and packages', () => {
  assert.deepEqual(named('ecr.yml').on, { push: { branches: ['main'] } })
  const { push, platforms, provenance, sbom } = imageStep('ecr.yml')
  assert.deepEqual(
    { push, platforms, provenance, sbom },
    { push: true, platforms: 'linux/amd64,linux/arm64', provenance: 'mode=max', sbom: true },
  )
})

test('no job that runs the tests, and what they download, has more rights than its workflow', () => {
  for (const [name, { jobs }] of workflows) {
    const testing = Object.values(jobs).filter(({ steps }) => steps.some(({ run }) => run === '.ci/run'))
    for (const { permissions } of testing) assert.equal(permissions, undefined, name)
  }
  const { executables, release } = named('release.yml').jobs
  assert.equal(executables?.needs, 'verify')
  assert.equal(executables.permissions, undefined)
  assert.deepEqual(release?.needs, ['verify', 'executables'])
})

test('a tag becomes a release: the same image, install.yaml that names it by digest, the Helm chart, kubectl-sei for Krew, checksums', () => {
  const workflow = named('release.yml')
  assert.deepEqual(workflow.on, { push: { tags: ['v*'] } })
  assert.deepEqual(
    Object.keys(imageStep('release.yml')),
    Object.keys(imageStep('ecr.yml')).filter(key => !key.startsWith('cache')),
  )
  const steps = workflow.jobs['release']?.steps ?? []
  const places = [
    'helm" package charts/',
    'hack/krew-manifest.ts',
    'docker/build-push-action@',
    'kubectl kustomize config/install',
    '@$DIGEST',
    'checksums.txt',
    'gh release create',
    'helm" push',
  ].map(part => steps.findIndex(({ uses = '', run = '' }) => uses.startsWith(part) || run.includes(part)))
  assert.ok(!places.includes(-1), places.join(' '))
  // What can fail without the image comes before it is public, and the chart's registry after the release.
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
  assert.equal(places.at(-1), steps.length - 1)
})
