/** Statements about the volumes of claims: `VOLUMES`. */
import assert from 'node:assert/strict'
import { persistentVolumeClaims, persistentVolumes } from '../../src/kube/resources.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { LOG } from './pods.ts'
import type { Statement, Suite } from './suite.ts'

async function claim(suite: Suite, name: string, storageClassName: string, accessMode: string): Promise<void> {
  const { client, namespace } = suite.subject
  await client.create(persistentVolumeClaims, {
    metadata: { namespace, name },
    spec: { storageClassName, accessModes: [accessMode], resources: { requests: { storage: '1Gi' } } },
  })
}

/** Runs the script in a Job on the claim, at $DATA. */
async function run(suite: Suite, name: string, claimName: string, script: string): Promise<string | undefined> {
  await suite.job(name, { code: 0, claim: claimName, script })
  await suite.ended(name, 'Complete')
  const pod = await suite.jobPod(name, 'Succeeded', ({ status }) => status?.phase === 'Succeeded')
  return containerOf(pod, 'task')?.state?.terminated?.message
}

/** Ends when the other Job has written its file. */
function meet(own: string, other: string): string {
  return `echo >"$DATA/${own}"; until [ -e "$DATA/${other}" ]; do sleep 0.1; done; printf %s "saw ${other}" >${LOG}`
}

export const VOLUMES: readonly Statement[] = [
  [
    'a claim is bound to a volume of its size, and what a pod writes to it is there for the next pod',
    async suite => {
      await claim(suite, 'kept', 'gp3', 'ReadWriteOnce')
      await run(suite, 'writer', 'kept', 'printf %s written >"$DATA/file"')
      assert.equal(await run(suite, 'reader', 'kept', `cat "$DATA/file" >${LOG}`), 'written')
      const bound = await suite.until(
        'Bound',
        persistentVolumeClaims,
        'kept',
        ({ status }) => status?.phase === 'Bound',
      )
      assert.equal(bound.status?.capacity?.['storage'], '1Gi')
      const volume = await suite.subject.client.get(persistentVolumes, { name: bound.spec?.volumeName ?? '' })
      assert.equal(volume?.spec?.claimRef?.uid, bound.metadata?.uid)
    },
  ],
  [
    'R5: pods of several Jobs use a shared volume at once',
    async suite => {
      await claim(suite, 'shared', 'efs-sc', 'ReadWriteMany')
      const messages = [
        run(suite, 'one', 'shared', meet('one', 'two')),
        run(suite, 'two', 'shared', meet('two', 'one')),
      ]
      assert.deepEqual(await Promise.all(messages), ['saw two', 'saw one'])
    },
  ],
]
