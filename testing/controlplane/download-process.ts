/**
 * The download in a process of its own: `downloadInProcess`. Node's fetch goes through the proxies of the environment only
 * where the whole process was started to do so, and nothing else in this program may: it talks to loopback addresses.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { downloadRelease, type DownloadOptions } from './download.ts'

/** All of the options but the progress, which is reported as messages. */
export type DownloadRequest = Omit<DownloadOptions, 'progress'>

/** What the process says: how far it is, or why it failed. */
export type DownloadMessage =
  | { readonly kind: 'detail'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string }

const MAIN = fileURLToPath(new URL('download-main.ts', import.meta.url))
const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']

/** As `downloadRelease`, through the proxy that `env` names, where it names one. */
export async function downloadInProcess(options: DownloadOptions, env: NodeJS.ProcessEnv): Promise<void> {
  if (!PROXIES.some(name => env[name])) return downloadRelease(options)
  const { progress, ...request } = options
  const child = fork(MAIN, { env: { ...env, NODE_USE_ENV_PROXY: '1' }, execArgv: [] })
  let failure = ''
  child.on('message', (message: DownloadMessage) => {
    if (message.kind === 'detail') progress.detail(message.text)
    else failure = message.message
  })
  child.send(request)
  await new Promise<void>((resolve, reject) => {
    child.once('error', cause => reject(new Error(`download: ${cause.message}`, { cause })))
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(failure || `download: its process ended with ${signal ?? `status ${code}`}`))
    })
  })
}
