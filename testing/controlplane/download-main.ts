/** The process behind `downloadInProcess`: takes one request from its parent, and ends with it. */
import { downloadRelease } from './download.ts'
import type { DownloadMessage, DownloadRequest } from './download-process.ts'

function tell(message: DownloadMessage): void {
  process.send?.(message)
}

process.once('message', (request: DownloadRequest) => {
  const progress = { detail: (text: string) => tell({ kind: 'detail', text }) }
  downloadRelease({ ...request, progress })
    .catch((error: unknown) => {
      process.exitCode = 1
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    })
    .finally(() => process.disconnect())
})
// The parent is gone: nobody waits for the files any more.
process.once('disconnect', () => process.exit())
