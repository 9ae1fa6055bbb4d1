/** Who may ask the console: `guard`, which answers the user's own browser alone. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { secureHeaders } from 'hono/secure-headers'

export interface GuardOptions {
  /** Of this process: part of the address that is printed, then the value of the cookie. */
  readonly token: string
  readonly port: number
}

/** The port is part of the name: cookies of 127.0.0.1 do not know ports, and several consoles may run. */
function cookieName(port: number): string {
  return `sei-console-${port}`
}

/**
 * In this order: only GET; only by a loopback name with our port, so that DNS rebinding fails; only requests of our own
 * pages, or that a person typed; only with the token.
 */
export function guard({ token, port }: GuardOptions): MiddlewareHandler {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  return async (context, next) => {
    const { req } = context
    if (req.method !== 'GET') {
      context.header('Allow', 'GET')
      return context.text('The console only shows: GET is the only method.\n', 405)
    }
    const host = req.header('host') ?? ''
    if (!hosts.includes(host)) return context.text(`This console is at http://${hosts[0]}.\n`, 403)
    const origin = req.header('origin')
    const site = req.header('sec-fetch-site')
    const isForeign = (origin !== undefined && origin !== `http://${host}`) || (site !== undefined && !OWN.has(site))
    if (isForeign) return context.text('Another page may not ask the console. Type its address.\n', 403)
    const given = req.query('token')
    if (given !== undefined && isEqual(given, token)) return enter(context, token, port)
    const cookie = getCookie(context, cookieName(port))
    if (cookie === undefined || !isEqual(cookie, token))
      return context.text('Open the address that kubectl sei console has printed: it holds a token.\n', 401)
    await next()
  }
}

/** The page's own requests, and addresses that a person typed. */
const OWN: ReadonlySet<string> = new Set(['same-origin', 'none'])

/** Keeps the token in a cookie, and out of the address bar and the history. */
function enter(context: Context, token: string, port: number): Response {
  setCookie(context, cookieName(port), token, { httpOnly: true, sameSite: 'Strict', path: '/' })
  return context.redirect(context.req.path, 303)
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [a, b].map(text => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}

const SELF = ["'self'"]
const NONE = ["'none'"]

/** Scripts, styles and requests of this origin alone, nothing inline, in no frame. */
export function strictHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: NONE,
      scriptSrc: SELF,
      styleSrc: SELF,
      imgSrc: SELF,
      connectSrc: SELF,
      baseUri: NONE,
      formAction: NONE,
      frameAncestors: NONE,
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // The console is no https.
    strictTransportSecurity: false,
  })
}
