/** A test of real-sidecars.ts: probes, partitions and ends. The real seictl is the fake sidecar as a program. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../../src/runtime/clock.ts'
import { leaseAddresses } from './addresses.ts'
import type { LaunchContext } from './container-process.ts'
import { RealSidecars } from './real-sidecars.ts'

const NOT_LINUX = process.platform === 'linux' ? false : 'this system has no loopback addresses of its own for pods'
const HEALTH = { path: '/v0/healthz', port: 7777 }
const DEADLINE_MS = 60_000

interface Watched {
  readonly context: LaunchContext
  /** Resolves when the condition is met; evaluates it at each change. */
  readonly until: (what: string, condition: () => boolean) => Promise<void>
}

function watched(podIP: string): Watched {
  const waiting = new Set<() => void>()
  const onChange = () => {
    for (const check of waiting) check()
  }
  const container = {
    name: 'sei-sidecar',
    image: 'seictl:v0.0.25',
    role: 'sidecar' as const,
    restartPolicy: 'Always' as const,
    env: {},
    command: ['seictl', 'serve'],
    startupProbe: HEALTH,
    claims: new Map(),
  }
  return {
    context: { namespace: 'sei', pod: 'node-0', podIP, container, volumes: new Map(), clock: systemClock, onChange },
    until: (what, condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition()) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve()
        }
        const timer = setTimeout(() => reject(new Error(`waited ${DEADLINE_MS / 1000} s for ${what}`)), DEADLINE_MS)
        waiting.add(check)
        check()
      }),
  }
}

async function markReady(host: string): Promise<number> {
  const body = JSON.stringify({ id: randomUUID(), type: 'mark-ready' })
  // A pooled connection that a partition broke would fail in another way than a new one.
  const headers = { connection: 'close' }
  const { status } = await fetch(`http://${host}:7777/v0/tasks`, { method: 'POST', body, headers })
  return status
}

test(
  'a real seictl is probed, reached at the address of its pod, cut off and ended',
  { skip: NOT_LINUX },
  async context => {
    const dir = await mkdtemp(join(tmpdir(), 'sidecar-process-'))
    const seictl = join(dir, 'seictl')
    const main = join(import.meta.dirname, '../sidecar/main.ts')
    writeFileSync(seictl, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
    chmodSync(seictl, 0o755)
    const addresses = await leaseAddresses()
    const podIP = addresses.take()
    const pod = watched(podIP)
    const sidecars = new RealSidecars(seictl)
    context.after(async () => {
      await sidecars.stop()
      await addresses.close()
      await rm(dir, { recursive: true })
    })

    const sidecar = await sidecars.run(pod.context, sidecars.home('c-1'), false)
    assert.equal(sidecar.answers(HEALTH), false)
    assert.equal(await markReady(podIP), 201)
    await pod.until('a probe that succeeds', () => sidecar.answers(HEALTH))
    await sidecar.setCut(true)
    await assert.rejects(markReady(podIP), (error: Error) => /ECONNREFUSED/.test(String(error.cause)))
    assert.equal(sidecar.answers(HEALTH), true)
    await sidecar.signal('SIGKILL')
    await pod.until('its end', () => sidecar.exit !== undefined)
    assert.equal(sidecar.exit?.exitCode, 137)
  },
)
