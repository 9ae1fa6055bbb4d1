/** The certificate of a TLS server: generated for this process (`ownCertificate`), or read from files that may change (`certificateFiles`). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Clock } from './clock.ts'
import type { Logger } from './log.ts'
import { type KeyPair, selfSignedCertificate } from './self-signed-certificate.ts'

export interface ServingCertificate {
  readonly current: KeyPair
  /** Passes on every later pair until the returned function is called. Every pair is valid: its key matches its certificate. */
  follow(use: (pair: KeyPair) => void): () => void
}

/** Interval of rereading the files. Volumes are updated in several ways, for which no single kind of file event works. */
const REREAD_EVERY_MS = 10_000

/** A self-signed certificate that is never renewed. */
export function ownCertificate(name: string, now: Date): ServingCertificate {
  return { current: selfSignedCertificate(name, now), follow: () => () => {} }
}

/**
 * `tls.crt` and `tls.key` in a directory, as in a mounted Secret of type kubernetes.io/tls. Rejects if they cannot be read or
 * used at first. Later invalid files are logged, and the last valid pair stays in use.
 */
export async function certificateFiles(
  dir: string,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<ServingCertificate> {
  const first = await readPair(dir)
  return {
    current: first,
    follow(use) {
      let isFollowing = true
      let used = first
      let timer = clock.setTimeout(look, REREAD_EVERY_MS)
      return () => {
        isFollowing = false
        clock.clearTimeout(timer)
      }

      function look(): void {
        void replace().finally(() => {
          if (isFollowing) timer = clock.setTimeout(look, REREAD_EVERY_MS)
        })
      }

      async function replace(): Promise<void> {
        try {
          const pair = await readPair(dir)
          if (!isFollowing || (pair.cert === used.cert && pair.key === used.key)) return
          use(pair)
          used = pair
          log.info({ dir }, 'certificate replaced')
        } catch (error) {
          // One of the two files may not be replaced yet.
          log.warn({ err: error, dir }, 'certificate not replaced')
        }
      }
    },
  }
}

async function readPair(dir: string): Promise<KeyPair> {
  const cert = await readFile(join(dir, 'tls.crt'), 'utf8')
  const key = await readFile(join(dir, 'tls.key'), 'utf8')
  const pair = { cert, key }
  try {
    createSecureContext(pair)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`tls.crt and tls.key in ${dir} cannot be used: ${reason}`, { cause })
  }
  return pair
}
