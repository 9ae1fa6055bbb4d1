/** The handler for the probes `/healthz` and `/readyz`. */
import type { RequestListener } from 'node:http'
import { answer, pathOf } from './server.ts'

/** Undefined if healthy, otherwise one line with the problem. */
export type HealthCheck = () => string | undefined

export interface HealthChecks {
  /** If one of these fails, the kubelet restarts the process. */
  readonly healthz: Readonly<Record<string, HealthCheck>>
  readonly readyz: Readonly<Record<string, HealthCheck>>
}

/** Answers `/healthz` and `/readyz` with 200 or 503 and one line per check, and `/healthz/NAME` with that check only. */
export function healthHandler(checks: HealthChecks): RequestListener {
  return (request, response) => {
    const [, endpoint = '', name, ...rest] = pathOf(request.url).split('/')
    const group = endpoint === 'healthz' || endpoint === 'readyz' ? checks[endpoint] : undefined
    const wanted = group === undefined || rest.length > 0 ? undefined : select(group, name)
    if (wanted === undefined) {
      answer(response, 404, `no such check: expected /healthz, /readyz, or one of their checks by name\n`)
      return
    }
    const results = wanted.map(([check, run]) => ({ check, problem: problemOf(run) }))
    const lines = results.map(({ check, problem }) =>
      problem === undefined ? `ok ${check}` : `failed ${check}: ${problem}`,
    )
    const healthy = results.every(({ problem }) => problem === undefined)
    answer(response, healthy ? 200 : 503, `${lines.join('\n')}\n`)
  }
}

/** A check that throws fails; it does not end the process. */
function problemOf(check: HealthCheck): string | undefined {
  try {
    return check()
  } catch (error) {
    return String(error)
  }
}

function select(
  group: Readonly<Record<string, HealthCheck>>,
  name: string | undefined,
): [string, HealthCheck][] | undefined {
  const checks = Object.entries(group)
  if (name === undefined || name === '') return checks
  const named = checks.filter(([check]) => check === name)
  return named.length === 0 ? undefined : named
}
