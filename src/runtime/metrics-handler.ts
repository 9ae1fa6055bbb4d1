/** The handler for `/metrics`. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { assertNever } from '../lib/assert-never.ts'
import { METRICS_PATH, type ScrapeGuard, type ScrapeDecision } from './scrape-guard.ts'
import { answer, pathOf } from './server.ts'

/** Answers `/metrics` in Prometheus' text format to clients that the guard authorizes; without a guard, to all. */
export function metricsHandler(registry: Registry, guard?: Pick<ScrapeGuard, 'authorize'>): RequestListener {
  return (request, response) => {
    if (pathOf(request.url) !== METRICS_PATH) {
      answer(response, 404, `no such page: expected ${METRICS_PATH}\n`)
      return
    }
    serve(registry, guard, request, response).catch((error: unknown) => {
      answer(response, 500, `metrics: ${String(error)}\n`)
    })
  }
}

async function serve(
  registry: Registry,
  guard: Pick<ScrapeGuard, 'authorize'> | undefined,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const decision = await authorize(guard, headers.authorization)
  if (decision === 'allowed') answer(response, 200, await registry.metrics(), registry.contentType)
  else refuse(response, decision)
}

async function authorize(
  guard: Pick<ScrapeGuard, 'authorize'> | undefined,
  authorization = '',
): Promise<ScrapeDecision> {
  if (guard === undefined) return 'allowed'
  const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  return token === undefined ? 'unauthenticated' : guard.authorize(token)
}

function refuse(response: ServerResponse, decision: Exclude<ScrapeDecision, 'allowed'>): void {
  switch (decision) {
    case 'unauthenticated':
      response.setHeader('www-authenticate', 'Bearer')
      return answer(
        response,
        401,
        'metrics: expected the token of a ServiceAccount, as "Authorization: Bearer TOKEN"\n',
      )
    case 'forbidden':
      return answer(response, 403, `metrics: the token's owner may not get the URL ${METRICS_PATH}\n`)
    case 'unknown':
      return answer(response, 503, 'metrics: the API server does not say who may read them; the log says why\n')
    default:
      return assertNever(decision)
  }
}
