/** What the operator takes for granted of a kubelet, in statements: `kubeletContract` holds a subject to it. */
import { after, before, describe, test } from 'node:test'
import { ENDS } from './ends.ts'
import { GATE } from './gate.ts'
import { Suite } from './suite.ts'
import type { Subject } from './subject.ts'
import { TASKS } from './tasks.ts'
import { VOLUMES } from './volumes.ts'

/** As many pods at once as a small machine bears. */
const CONCURRENCY = 4

/** @param title of the subject: "the fake node" */
export function kubeletContract(title: string, open: () => Promise<Subject>): void {
  describe(title, { concurrency: CONCURRENCY }, () => {
    let suite: Suite
    before(async () => {
      suite = new Suite(await open())
    })
    after(() => suite.subject.close())
    for (const [statement, check] of [...GATE, ...TASKS, ...ENDS, ...VOLUMES]) test(statement, () => check(suite))
  })
}
