/** `kubectl sei console`: a page for the browser that shows nodes and pools live; `runConsole`. */
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import { messageOf } from '../../kube/http-error.ts'
import { aborted, systemClock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/log.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import type { Io } from '../output/io.ts'
import type { Session } from '../session.ts'
import { Observer } from './observer.ts'
import { serveConsole } from './server.ts'
import { drawPage } from './views/page.ts'

export interface ConsoleOptions {
  readonly port: number
}

/** Until Ctrl-C. */
export async function runConsole(session: Session, { port }: ConsoleOptions): Promise<ExitCode> {
  const { io, isAllNamespaces } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const scope = { ...(isAllNamespaces ? {} : { namespace }), signal: io.signal }
  // What a watch would try again and again is an error at the start.
  await Promise.all([cluster.client.list(seiNodes, scope), cluster.client.list(seiNodePools, scope)])
  const operatorNamespaces = await session.operatorNamespaces()
  const observer = new Observer({ cluster, namespace, isAllNamespaces, operatorNamespaces, log: notesTo(io) })
  await observer.start(io.signal)
  const scene = () => observer.scene(systemClock.now())
  await using console = await serveConsole(
    {
      draw: (route, details) => drawPage(route, scene(), details),
      read: (route, signal) => observer.details(route, signal),
      place: scene().place,
    },
    port,
    io.signal,
  )
  io.print(console.url)
  io.note('Open this address in a browser on this machine. Ctrl-C ends the console.')
  await aborted(io.signal)
  return EXIT_CODES.ok
}

/** What a person has to know of the watches. */
function notesTo(io: Io): Logger {
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (fields, message) => {
      const { err } = fields as { readonly err?: unknown }
      io.note(err === undefined ? message : `${message}: ${messageOf(err)}`)
    },
    error: (fields, message) => log.warn(fields, message),
    child: () => log,
  }
  return log
}
