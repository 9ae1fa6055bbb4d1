/** The console's web server on the loopback address: `serveConsole`. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import { ASSETS } from './assets.ts'
import { guard, strictHeaders } from './guard.ts'
import { streamPage } from './live-page.ts'
import type { Drawn } from './markup.ts'
import { SentPages } from './sent-pages.ts'
import type { Details, Route } from './scene.ts'
import { document, LIVE } from './views/layout.ts'

const HOST = '127.0.0.1'

export interface Site {
  readonly draw: (route: Route, details: Details | undefined) => Drawn
  /** Undefined if there is no such page. */
  readonly read: (route: Route, signal: AbortSignal) => Promise<Details | undefined>
  readonly place: string
}

export interface RunningConsole extends AsyncDisposable {
  /** With the token. */
  readonly url: string
}

/**
 * @param port 0: any that is free
 * @param end ends the streams of open pages
 */
export async function serveConsole(site: Site, port: number, end: AbortSignal): Promise<RunningConsole> {
  const token = randomBytes(32).toString('base64url')
  const app = new Hono()
  const server = createServer(getRequestListener(app.fetch))
  const actual = await listen(server, port)
  app.use(strictHeaders(), guard({ token, port: actual }))
  addRoutes(app, site, end)
  return {
    url: `http://${HOST}:${actual}/?token=${token}`,
    [Symbol.asyncDispose]: () => close(server),
  }
}

function addRoutes(app: Hono, site: Site, end: AbortSignal): void {
  const sent = new SentPages()
  for (const [path, { type, text }] of Object.entries(ASSETS))
    app.get(path, context => context.body(text, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }))
  for (const [path, routeOf] of PAGES) {
    app.get(path, context => {
      const drawn = site.draw(routeOf(context), undefined)
      context.header('Cache-Control', 'no-store')
      const stream = `${LIVE}${context.req.path}?sent=${sent.keep(drawn)}`
      return context.html(document(drawn, stream, site.place).toString())
    })
    app.get(`${LIVE}${path}`, context => {
      const route = routeOf(context)
      const page = {
        shown: sent.take(context.req.query('sent') ?? ''),
        draw: (details: Details | undefined) => site.draw(route, details),
        read: (signal: AbortSignal) => site.read(route, signal),
      }
      return streamSSE(context, stream => streamPage(stream, page, end))
    })
  }
  app.notFound(context => context.text('There is no such page.\n', 404))
}

type RouteOf = (context: Context) => Route

const PAGES: readonly (readonly [path: string, routeOf: RouteOf])[] = [
  ['/', () => ({ kind: 'fleet' })],
  ['/nodes/:namespace/:name', context => ({ kind: 'node', ...keyOf(context) })],
  ['/pools/:namespace/:name', context => ({ kind: 'pool', ...keyOf(context) })],
]

function keyOf({ req }: Context): { readonly namespace: string; readonly name: string } {
  return { namespace: req.param('namespace') ?? '', name: req.param('name') ?? '' }
}

/** Resolves with the port. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program has it' : error.message
      reject(
        new PluginError(
          `cannot listen at port ${port} of ${HOST}: ${why}. Choose another with --port`,
          EXIT_CODES.failed,
        ),
      )
    })
    server.listen(port, HOST, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
