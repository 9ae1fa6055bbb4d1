/** A progress stream for tests that keeps what is written: `recording`. */
import type { ProgressStream } from '../progress.ts'

export function recording(): { readonly stream: ProgressStream; readonly text: () => string } {
  const written: string[] = []
  return { stream: { write: text => written.push(text) }, text: () => written.join('') }
}
