/** Who may ask the console, and what it answers. */
import assert from 'node:assert/strict'
import { get, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { networkInterfaces, platform } from 'node:os'
import { text } from 'node:stream/consumers'
import { after, before, suite, test } from 'node:test'
import { PluginError } from '../exit-code.ts'
import { ASSETS } from './assets.ts'
import { html, Parts } from './markup.ts'
import type { Details, Route } from './scene.ts'
import { type RunningConsole, serveConsole, type Site } from './server.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const isMessage = (sofar: string): boolean => /^data: .*\n\n/m.test(sofar)

suite('the server of the console', () => {
  const end = new AbortController()
  let running: RunningConsole
  let origin = ''
  let cookie = ''
  /** What the page shows. */
  let shown = 'one'

  const site: Site = {
    place: 'namespace sei',
    draw: (route: Route, details: Details | undefined) => {
      const parts = new Parts()
      const part = parts.add('part', html`<p id="part">${shown}</p>`)
      return parts.draw(
        'Title',
        html`<h1>${route.kind} ${route.kind !== 'fleet' && route.name}</h1>
          ${part}${details && 'x'}`,
      )
    },
    read: () => Promise.reject(new Error('the API server does not answer')),
  }

  before(async () => {
    running = await serveConsole(site, 0, end.signal)
    origin = new URL(running.url).origin
    const { headers } = await ask(new URL(running.url).pathname + new URL(running.url).search)
    cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  })
  after(async () => {
    end.abort()
    await running[Symbol.asyncDispose]()
  })

  function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(running.url)
      const sent = request({ hostname, port, path, method, headers, agent: false }, response => {
        void text(response).then(body => resolve({ status: response.statusCode, headers: response.headers, body }))
      })
      sent.once('error', reject)
      sent.end()
    })
  }

  test('the token of the address becomes a cookie that no script and no other site has', async () => {
    const { search } = new URL(running.url)
    const { status, headers } = await ask(`/${search}`)
    assert.deepEqual([status, headers.location], [303, '/'])
    assert.match(headers['set-cookie']?.[0] ?? '', /^sei-console-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.equal((await ask('/', { cookie })).status, 200)
  })

  test('without the token, or with another, there is nothing: no page, no stream, no file', async () => {
    const other = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`
    for (const path of ['/', '/live/', '/nodes/sei/a', '/style.css', '/unknown', '/?token=', '/?token=wrong'])
      for (const headers of [{}, { cookie: other }])
        assert.equal((await ask(path, headers)).status, 401, `${path} ${JSON.stringify(headers)}`)
  })

  test('a name that is not of this machine is refused: DNS rebinding fails', async () => {
    const { port } = new URL(origin)
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${port}`,
      `0.0.0.0:${port}`,
    ])
      assert.equal((await ask('/', { cookie, host })).status, 403, host)
    assert.equal((await ask('/', { cookie, host: `localhost:${port}` })).status, 200)
  })

  test('other pages are refused, those of other ports of this machine too', async () => {
    const refused: readonly Readonly<Record<string, string>>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of refused) {
      for (const path of ['/', `/${new URL(running.url).search}`])
        assert.equal((await ask(path, { cookie, ...headers })).status, 403, JSON.stringify(headers))
    }
    const own: readonly Readonly<Record<string, string>>[] = [
      { origin },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]
    for (const headers of own)
      assert.equal((await ask('/', { cookie, ...headers })).status, 200, JSON.stringify(headers))
  })

  test('only GET', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
      const { status, headers } = await ask('/', { cookie }, method)
      assert.deepEqual([status, headers.allow], [405, 'GET'], method)
    }
  })

  test('every answer has a strict policy, also those that refuse', async () => {
    for (const headers of [{ cookie }, {}]) {
      const answer = await ask('/', headers)
      const policy = String(answer.headers['content-security-policy'])
      assert.match(policy, /default-src 'none'.*script-src 'self'.*style-src 'self'.*frame-ancestors 'none'/)
      assert.ok(!policy.includes('unsafe'), policy)
      assert.equal(answer.headers['x-frame-options'], 'DENY')
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      assert.equal(answer.headers['referrer-policy'], 'no-referrer')
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
  })

  test('pages name the object, hold no inline script or style, and are not kept', async () => {
    const { body, headers } = await ask('/pools/sei/devnet', { cookie })
    assert.match(body, /<h1>pool devnet<\/h1> <p id="part">one<\/p>/)
    assert.match(body, /<main [^>]*hx-sse:connect="\/live\/pools\/sei\/devnet\?sent=\d+"/)
    assert.ok(!/<script(?! src=)|<style| style=| on\w+=/.test(body), body)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal((await ask('/nodes/sei', { cookie })).status, 404)
  })

  test('what a browser loads is small, and comes from here alone', async () => {
    let total = 0
    for (const [path, { type }] of Object.entries(ASSETS)) {
      const { status, body, headers } = await ask(path, { cookie })
      assert.deepEqual([status, headers['content-type']], [200, type], path)
      total += Buffer.byteLength(body)
    }
    assert.ok(total < 100_000, `${total} bytes`)
    const { body } = await ask('/', { cookie })
    const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address)
    assert.deepEqual(
      addresses.filter(address => address !== '/' && !address.startsWith('#')).toSorted(),
      Object.keys(ASSETS).toSorted(),
    )
  })

  test('a stream begins with what has changed since its page was sent; the next stream of that page with all of it', async () => {
    shown = 'one'
    const [, path = ''] = /sse:connect="([^"]+)"/.exec((await ask('/', { cookie })).body) ?? []
    shown = 'two'
    assert.match(await received(path, isMessage), /^: live\n\ndata: <hx-partial id="part" [^\n]*two/)
    assert.match(await received(path, isMessage), /^: live\n\ndata: <h1>fleet /)
  })

  test('a stream of a page that is not known begins with the whole, then has what changes, although details cannot be read', async () => {
    shown = 'one'
    const messages = await received('/live/nodes/sei/a', sofar => {
      if (sofar.includes('one')) shown = 'two'
      return sofar.includes('two')
    })
    assert.equal(
      messages,
      ': live\n\n' +
        'data: <h1>node a</h1> <p id="part">one</p>\n\n' +
        'data: <hx-partial id="part" hx-swap="outerMorph"><p id="part">two</p></hx-partial>\n\n',
    )
  })

  /** What a stream sends until it is enough. */
  function received(path: string, isEnough: (sofar: string) => boolean): Promise<string> {
    const { hostname, port } = new URL(origin)
    return new Promise((resolve, reject) => {
      const sent = get({ hostname, port, path, headers: { cookie }, agent: false }, response => {
        let all = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          all += chunk
          if (!isEnough(all)) return
          sent.destroy()
          resolve(all)
        })
      })
      sent.once('error', reject)
    })
  }

  test('it listens on the loopback address alone', async () => {
    const { port } = new URL(origin)
    const others = Object.values(networkInterfaces()).flatMap(
      list => list?.flatMap(({ address, internal, family }) => (internal || family !== 'IPv4' ? [] : [address])) ?? [],
    )
    // Of Linux, all of 127.0.0.0/8 is this machine.
    if (platform() === 'linux') others.push('127.0.0.2')
    for (const hostname of others) {
      const refused = new Promise((resolve, reject) => {
        get({ hostname, port, path: '/', agent: false }, resolve).once('error', reject)
      })
      await assert.rejects(refused, { code: 'ECONNREFUSED' }, hostname)
    }
  })

  test('a port that another program has is an error that says what to do', async () => {
    const port = Number(new URL(running.url).port)
    await assert.rejects(serveConsole(site, port, end.signal), (error: unknown) => {
      assert.ok(error instanceof PluginError)
      assert.match(
        error.message,
        /^cannot listen at port \d+ of 127.0.0.1: another program has it. Choose another with --port$/,
      )
      return true
    })
  })
})
