/** A test file whose steps share one network of real validators: `poolSuite`. */
import { after, test } from 'node:test'

import { installOperator, removeOperator } from './install.ts'
import { removeMetricsReader } from './operator-metrics.ts'
import { NAMESPACE, PoolFixture, say } from './pool-fixture.ts'
import { TOOL_LABEL } from './tool-pods.ts'

export interface PoolSuite {
  /** Installs the operator. For `before`. */
  readonly open: () => Promise<PoolFixture>
  /** One step of the suite. Later steps depend on it, so they are skipped after a failure. */
  readonly step: (title: string, take: () => Promise<void>) => void
}

/** What the steps leave is removed at the end. After a failure everything is kept for inspection. */
export function poolSuite(): PoolSuite {
  let fixture: PoolFixture | undefined
  let isBroken = false
  const broken = (error: unknown): never => {
    isBroken = true
    throw error
  }
  after(async () => {
    try {
      if (fixture && !isBroken) await removeAll(fixture)
    } finally {
      fixture?.cluster.close()
    }
  })
  return {
    open: async () => {
      fixture = await PoolFixture.open()
      say('installing the operator')
      await installOperator(fixture.cluster).catch(broken)
      return fixture
    },
    step: (title, take) => {
      test(title, async t => {
        if (isBroken) return t.skip('a step before it failed')
        await take().catch(broken)
      })
    },
  }
}

async function removeAll({ cluster }: PoolFixture): Promise<void> {
  const remove = (what: readonly string[]): Promise<string> =>
    cluster.kubectl(['delete', ...what, `--namespace=${NAMESPACE}`, '--timeout=180s'])
  // They mount volumes of the pool.
  await remove(['pods', `--selector=${TOOL_LABEL}`])
  await remove(['seinodepools', '--all'])
  await remove(['seinodes', '--all'])
  await removeMetricsReader(cluster)
  await removeOperator(cluster)
  await cluster.removeNamespace(NAMESPACE)
}
