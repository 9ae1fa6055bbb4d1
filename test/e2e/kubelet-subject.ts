/** A real kubelet as a subject of the kubelet's contract: `openKubelet`. */
import { randomUUID } from 'node:crypto'

import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import type { Subject } from '../kubelet/subject.ts'
import { Cluster, images } from './cluster.ts'

/** Pods take their time where a chain runs beside them, and a container that crashed twice waits 10 s. */
const DEADLINE_MS = 90_000

/** A container that runs may not have begun to listen, and a signal that nothing handles yet is lost on PID 1. */
const ONCE_IT_LISTENS = `import { setTimeout as delay } from 'node:timers/promises'
for (let left = 200; !(await fetch('http://127.0.0.1:7777/v0/status').catch(() => undefined)); left -= 1) {
  if (left === 0) throw new Error('the sidecar does not listen')
  await delay(100)
}
`
const MARK_READY = `${ONCE_IT_LISTENS}
const answer = await fetch('http://127.0.0.1:7777/v0/tasks', { method: 'POST', body: process.argv[1] })
if (!answer.ok) throw new Error(await answer.text())`

export async function openKubelet(): Promise<Subject> {
  const cluster = await Cluster.open()
  const namespace = `kubelet-${randomUUID().slice(0, 8)}`
  await cluster.namespace(namespace)
  const inSidecar = async (pod: string, program: string, ...args: readonly string[]): Promise<void> => {
    const command = ['/nodejs/bin/node', '--input-type=module', '--eval', program, ...args]
    await cluster.exec(namespace, pod, SIDECAR_CONTAINER, command)
  }
  return {
    client: cluster.client,
    namespace,
    image: images.tools,
    deadlineMs: DEADLINE_MS,
    markReady: pod => inSidecar(pod, MARK_READY, JSON.stringify({ id: randomUUID(), type: 'mark-ready' })),
    endSidecar: async pod => {
      await inSidecar(pod, ONCE_IT_LISTENS)
      await cluster.signal(namespace, pod, SIDECAR_CONTAINER, 'TERM')
    },
    crashMain: pod => cluster.signal(namespace, pod, SEID_CONTAINER, 'USR2'),
    close: async () => {
      await cluster.removeNamespace(namespace)
      cluster.close()
    },
  }
}
