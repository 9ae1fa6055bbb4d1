/** Jobs whose scripts run for real on the fake node, counted by the real Job controller. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Container } from 'kubernetes-types/core/v1.d.ts'
import { jobs, persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { FakeNodeFixture, containerOf, onSeiNodes } from '../support/fake-node-fixture.ts'

let fixture: FakeNodeFixture

before(async () => {
  fixture = await FakeNodeFixture.open({ runScripts: true })
})

after(async () => {
  await fixture.close()
})

/** Of one container that runs the script on the claim, at /work. */
function job(name: string, claimName: string, script: string): Promise<Job> {
  const container: Container = {
    name: 'work',
    image: 'seid:v6',
    command: ['/bin/sh', '-c', script, 'work'],
    args: [name],
    env: [{ name: 'DIR', value: '/work' }],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'work', mountPath: '/work' }],
  }
  return fixture.client.create(jobs, {
    metadata: fixture.key(name),
    spec: {
      backoffLimit: 3,
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { containerName: 'work', operator: 'In', values: [65] } }],
      },
      template: {
        metadata: { labels: { job: name } },
        spec: {
          ...onSeiNodes(),
          restartPolicy: 'Never',
          containers: [container],
          volumes: [{ name: 'work', persistentVolumeClaim: { claimName } }],
        },
      },
    },
  })
}

function finished(name: string, type: 'Complete' | 'Failed'): Promise<Job> {
  return fixture.until(type, jobs, name, ({ status }) =>
    (status?.conditions ?? []).some(condition => condition.type === type && condition.status === 'True'),
  )
}

async function messageOf(name: string): Promise<string | undefined> {
  const { items } = await fixture.client.list(pods, { namespace: fixture.namespace, labelSelector: `job=${name}` })
  const [pod = assert.fail(`Job ${name} has no pod`)] = items
  return containerOf(pod, 'work')?.state?.terminated?.message
}

/** Ends when it has seen the other, whose mark it then reports. */
function meet(other: string): string {
  return `echo "$1" >"$DIR/$1"; while [ ! -e "$DIR/${other}" ]; do sleep 0.01; done; echo "saw ${other}" >"$TERMINATION_LOG"`
}

test('R5: pods of several Jobs use a shared volume at once, each in a shell of its own', async () => {
  await fixture.client.create(persistentVolumeClaims, {
    metadata: fixture.key('shared'),
    spec: {
      storageClassName: 'efs-sc',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  await job('one', 'shared', meet('two'))
  await job('two', 'shared', meet('one'))
  await Promise.all([finished('one', 'Complete'), finished('two', 'Complete')])
  assert.deepEqual([await messageOf('one'), await messageOf('two')], ['saw two\n', 'saw one\n'])
  assert.deepEqual(fixture.node.homeOf(fixture.key('shared')).list(''), ['one', 'two'])
})

test('a refusal fails the Job at once, with the words of the script', async () => {
  await fixture.claim('own')
  await job('refused', 'own', 'echo "not this one" >&2; exit 65')
  const refused = await finished('refused', 'Failed')
  assert.equal(refused.status?.failed, 1)
  assert.equal(await messageOf('refused'), 'not this one\n')
})
