/** What the operator takes for granted of a kubelet, in words and statuses: `kubeletContract` holds a subject to it. */
import { after, before, describe, test } from 'node:test'
import { ENDS } from './ends.ts'
import { GATE } from './gate.ts'
import { Lane } from './lane.ts'
import type { Subject } from './subject.ts'
import { TASKS } from './tasks.ts'

/** As many pods at once as a small machine bears. */
const CONCURRENCY = 4

/** @param title of the subject: "the fake node" */
export function kubeletContract(title: string, open: () => Promise<Subject>): void {
  describe(title, { concurrency: CONCURRENCY }, () => {
    let lane: Lane
    before(async () => {
      lane = new Lane(await open())
    })
    after(() => lane.subject.close())
    for (const [statement, check] of [...GATE, ...TASKS, ...ENDS]) test(statement, () => check(lane))
  })
}
