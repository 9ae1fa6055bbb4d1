/** The pods of the kubelet's contract, each the same for every subject. */
import type { Container, EnvVar, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { onSeiNodes } from '../support/fake-node-fixture.ts'

/** What a container that runs to its end does. */
export interface Task {
  readonly code: number
  readonly message?: string
  /** The message is what it logged, and not what it wrote to its termination log. */
  readonly logged?: boolean
  /** It never ends by itself. */
  readonly hangs?: boolean
  /** Runs before it ends; has the variable DATA where a claim is mounted. */
  readonly script?: string
  /** Mounted at /data. */
  readonly claim?: string
}

export interface GatedOptions {
  readonly task?: Task
  /** False: the main container never becomes ready. */
  readonly ready?: boolean
  /** From SIGTERM to the main container's end. */
  readonly lingerMs?: number
  /** From SIGTERM to SIGKILL; 30 by default. */
  readonly graceSeconds?: number
}

const SIDECAR_ENVIRONMENT = {
  SEI_HOME: '/tmp/sei',
  SEI_CHAIN_ID: 'arctic-1',
  SEI_GENESIS_BUCKET: 'genesis',
  SEI_GENESIS_REGION: 'us-east-2',
  SEI_SNAPSHOT_BUCKET: 'snapshots',
  SEI_SNAPSHOT_REGION: 'us-east-2',
}

/** A plain init container, a sidecar that gates, a main container: the shape of a node's pod. */
export function gatedPod(image: string, options: GatedOptions = {}): PodSpec {
  const { task = { code: 0 }, ready = true, lingerMs = 0, graceSeconds = 30 } = options
  return {
    ...onSeiNodes(),
    terminationGracePeriodSeconds: graceSeconds,
    initContainers: [taskContainer('prepare', image, task), sidecar(image)],
    containers: [
      {
        name: SEID_CONTAINER,
        image,
        command: ['/nodejs/bin/node', '/app/main-container.mjs'],
        env: environment({ READY: ready ? 'yes' : 'no', LINGER: String(lingerMs) }),
        ports: [{ name: 'rpc', containerPort: 26657 }],
        readinessProbe: { httpGet: { path: '/lag_status', port: 'rpc' }, periodSeconds: 1 },
      },
    ],
  }
}

export interface TaskPodOptions {
  /** Each is an init container before the task. */
  readonly init?: readonly Task[]
  readonly restartPolicy?: 'Never' | 'OnFailure'
}

/** The pod of a Job. */
export function taskPod(image: string, task: Task, { init = [], restartPolicy = 'Never' }: TaskPodOptions): PodSpec {
  return {
    ...onSeiNodes(),
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    initContainers: init.map((step, index) => taskContainer(`step-${index}`, image, step)),
    containers: [taskContainer('task', image, task)],
    volumes: task.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: task.claim } }],
  }
}

// The fake node sets TERMINATION_LOG: its scripts share one file system.
export const LOG = '"${TERMINATION_LOG:-/dev/termination-log}"'

function taskContainer(name: string, image: string, task: Task): Container {
  const {
    code,
    message = '',
    logged,
    hangs,
    script = `printf %s "$MESSAGE" >${logged ? '/dev/stderr' : LOG}`,
    claim,
  } = task
  const end = hangs ? 'trap "exit 143" TERM; sleep 1000 & wait' : 'exit "$CODE"'
  return {
    name,
    image,
    command: ['/bin/sh', '-c', `${script}; ${end}`],
    env: environment({ CODE: String(code), MESSAGE: message, DATA: '/data' }),
    volumeMounts: claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }],
    terminationMessagePolicy: logged ? 'FallbackToLogsOnError' : 'File',
  }
}

function sidecar(image: string): Container {
  return {
    name: SIDECAR_CONTAINER,
    image,
    command: ['seictl', 'serve'],
    restartPolicy: 'Always',
    env: environment(SIDECAR_ENVIRONMENT),
    startupProbe: { httpGet: { path: '/v0/healthz', port: 7777 }, periodSeconds: 1, failureThreshold: 1_000_000 },
  }
}

function environment(variables: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }))
}
