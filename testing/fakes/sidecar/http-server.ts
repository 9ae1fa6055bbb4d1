/** An HTTP server with the limits of seictl's own: `seictlServer`. */
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'

import type { Profile } from './profile.ts'

const LIMITS = { headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 60_000 }

export function seictlServer(profile: Profile, listener: RequestListener): Server {
  const maxHeaderSize = (profile.authentication ? 32 : 1024) * 1024
  return createServer({ ...LIMITS, maxHeaderSize }, (request, response) => {
    // Go keeps connections without a word; a client must not learn here how long.
    response.removeHeader('connection')
    listener(request, response)
  })
}
