/** What Prometheus asks of the process: the handler for `/metrics`. */
import type { RequestListener } from 'node:http'
import type { Registry } from 'prom-client'
import { answer, pathOf } from './page.ts'

/** Answers `/metrics` in Prometheus' text format. */
export function metricsHandler(registry: Registry): RequestListener {
  return (request, response) => {
    if (pathOf(request.url) !== '/metrics') {
      answer(response, 404, 'no such page: expected /metrics\n')
      return
    }
    registry.metrics().then(
      text => answer(response, 200, text, registry.contentType),
      (error: unknown) => answer(response, 500, `metrics: ${String(error)}\n`),
    )
  }
}
