/** A namespace in which an operator is killed during one bootstrap after another: `openCrashLane`. */
import assert from 'node:assert/strict'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { Fault, SeenRequest } from '../../testing/fakes/sidecar/index.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import { concerns, type ApiCall } from '../support/api-call.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { isReady, OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'
import { SEVEN_TASKS, executedFor } from '../support/bootstrap-spec.ts'
import { KillSwitch, type Moment } from '../support/kill-switch.ts'
import { typeOf } from './trouble.ts'

/** Long enough to be polled and recorded in status as submitted, which tasks that complete at once are not. */
const SLOW_TASK = 'config-apply'
const SLOW_MS = 300

/** A machine that runs many tests at once starts a process slowly. */
const DEADLINE_MS = 60_000

export interface Crash {
  /** Names the SeiNode; unique in the lane. */
  readonly name: string
  readonly profile: string
  readonly moment: Moment
  /** `all` counts questions to the sidecar too, which change nothing. */
  readonly counted: 'all' | 'changes'
  /** Counts from 1. */
  readonly effect: number
  /** Killed again at the first effect of each further life. */
  readonly everyLife?: boolean
}

export interface CrashLane extends AsyncDisposable {
  /**
   * Bootstraps a node, kills the operator at that effect, starts it again, and checks how the bootstrap ended.
   * Resolves with the effects at which it was killed: none where the bootstrap has fewer.
   */
  crash(crash: Crash): Promise<readonly string[]>
}

export async function openCrashLane(): Promise<CrashLane> {
  let current: Crash | undefined
  let creations: string[] = []
  const killSwitch = new KillSwitch(() => void stage.operator.kill())
  const isEffect = (call: ApiCall, status: number): boolean =>
    status < 300 && current !== undefined && concerns(call, current.name)
  const proxy = await ApiProxy.start({
    kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
    withhold: (call, status) => {
      if (!isEffect(call, status)) return false
      if (status === 201 && call.resource !== 'events') creations.push(call.resource)
      return killSwitch.beforeAnswer(`${call.method} ${call.resource}`)
    },
    onDelivered: (call, status) => {
      if (isEffect(call, status)) killSwitch.afterAnswer(`${call.method} ${call.resource}`)
    },
  })
  const faults = (pod: string, { method, path, body }: SeenRequest): Fault | undefined => {
    if (!current || pod !== `${current.name}-0` || (method === 'GET' && current.counted === 'changes')) return undefined
    const what = method === 'POST' ? `submit ${typeOf(body)}` : path.replace(/[0-9a-f-]{36}/, 'ID')
    const effect = `sidecar ${method} ${what}`
    if (killSwitch.beforeAnswer(effect)) return { kind: 'drop-after' }
    // The answer is written within this turn of the event loop.
    setImmediate(() => killSwitch.afterAnswer(effect))
    return undefined
  }
  const stage = await OperatorStage.open({
    node: {
      sidecarFor: ({ pod }) => ({
        ...(current ? { profile: current.profile } : {}),
        tasks: type => (type === SLOW_TASK ? { durationMs: SLOW_MS } : undefined),
        faults: request => faults(pod, request),
      }),
    },
    operator: { kubeconfig: proxy.kubeconfigPath },
  })
  return {
    async crash(crash) {
      current = crash
      creations = []
      const struck: string[] = []
      const identities: Record<string, string> = {}
      killSwitch.arm(crash.effect, crash.moment)
      await stage.create(crash.name, SEVEN_TASKS)
      for (let effect = await untilKilled(crash); effect !== undefined; effect = await untilKilled(crash)) {
        struck.push(effect)
        await stage.operator.kill()
        Object.assign(identities, await identitiesOf(crash.name))
        if (crash.everyLife === true) killSwitch.arm(1, crash.moment)
        stage.operator.start()
      }
      if (struck.length === 0) return struck
      const after = await identitiesOf(crash.name)
      assert.deepEqual(
        { executed: stage.executedBy(crash.name), created: creations.toSorted(), ...after },
        {
          executed: executedFor(crash.profile),
          created: ['persistentvolumeclaims', 'services', 'statefulsets'],
          ...after,
          ...identities,
        },
        `${crash.name}, killed ${crash.moment} of ${struck.join(', ')}`,
      )
      return struck
    },
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }

  /** The effect at which the operator died, or undefined at the end of the bootstrap, at which it lives. */
  async function untilKilled({ name }: Crash): Promise<string | undefined> {
    await until(
      `${name}: the next effect, or the end of the bootstrap`,
      async () => {
        const node = await stage.get(seiNodes, name)
        return killSwitch.struckAt !== undefined || (node && isReady(node)) ? true : undefined
      },
      {
        deadlineMs: DEADLINE_MS,
        // The lanes share the machine with what they wait for.
        intervalMs: 100,
        found: async () => ({ node: await stage.get(seiNodes, name), operator: stage.operator.log }),
      },
    )
    const { struckAt } = killSwitch
    // It may strike while the node is asked for: from here on it must not.
    killSwitch.disarm()
    return struckAt
  }

  /** What must not change once it is there. */
  async function identitiesOf(name: string): Promise<Readonly<Record<string, string>>> {
    const [node, claim, service, statefulSet] = await Promise.all([
      stage.get(seiNodes, name),
      stage.get(persistentVolumeClaims, `data-${name}`),
      stage.get(services, name),
      stage.get(statefulSets, name),
    ])
    return definedOf({
      plan: node?.status?.initPlan?.id,
      claim: claim?.metadata?.uid,
      service: service?.metadata?.uid,
      statefulSet: statefulSet?.metadata?.uid,
    })
  }
}

function definedOf(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
