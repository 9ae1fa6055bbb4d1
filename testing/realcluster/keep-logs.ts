/** Saves what a real cluster knew before it goes: `keepLogs`. */
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { ControlPlane } from '../controlplane/cluster.ts'
import { environmentOf } from '../controlplane/environment.ts'
import { kubectl } from '../kubectl.ts'
import { ROOT } from '../root.ts'

const TARGET = join(ROOT, 'dist/e2e-logs')

/** The most useful logs. */
const QUESTIONS = {
  'objects.txt': ['get', 'seinodes,seinodepools,all,pvc,networkpolicies', '--all-namespaces', '--output=wide'],
  'events.txt': ['get', 'events', '--all-namespaces', '--sort-by=.metadata.creationTimestamp'],
  'sei.yaml': ['get', 'seinodes,seinodepools', '--all-namespaces', '--output=yaml'],
  'pods.yaml': ['get', 'pods', '--all-namespaces', '--output=yaml'],
}

/** Resolves with the directory: logs of programs and of containers, and the cluster's objects where its API server answers. */
export async function keepLogs(dir: string, controlPlane?: ControlPlane): Promise<string> {
  await rm(TARGET, { recursive: true, force: true })
  await mkdir(TARGET, { recursive: true })
  const logs = (await readdir(dir)).filter(name => name.endsWith('.log'))
  await Promise.all(logs.map(name => cp(join(dir, name), join(TARGET, name))))
  await cp(join(dir, 'log/pods'), join(TARGET, 'pods'), { recursive: true }).catch(() => undefined)
  if (controlPlane) {
    const env = environmentOf(controlPlane)
    for (const [file, question] of Object.entries(QUESTIONS)) {
      await writeFile(join(TARGET, file), await kubectl(question, { env }).catch(String))
    }
  }
  return TARGET
}
