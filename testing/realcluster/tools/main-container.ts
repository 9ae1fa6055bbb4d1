/**
 * In a pod of tests: a main container that does as it is told. It is ready at once unless READY=no, ends with 2 on SIGUSR2
 * as after a panic, and on SIGTERM takes LINGER milliseconds to end with 0.
 */
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const { READY = 'yes', LINGER = '0' } = process.env

createServer((_, response) => {
  response.writeHead(READY === 'yes' ? 200 : 503).end()
}).listen(26657)

process.on('SIGUSR2', () => process.exit(2))
process.on('SIGTERM', () => void delay(Number(LINGER)).then(() => process.exit(0)))
