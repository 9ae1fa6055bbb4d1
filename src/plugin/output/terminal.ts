/** Standard input and output of the program: `createIo`. */
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import type { Io } from './io.ts'
import { safeText } from './safe-text.ts'
import { createStyle } from './style.ts'

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

const CLEAR_LINE = '\r\u001b[K'
/** What the terminal has scrolled away stays. */
const CLEAR = '\u001b[H\u001b[J'

export function createIo({ stdin, stdout, stderr }: Streams, hasColor: boolean, signal: AbortSignal): Io {
  // What the last line of the terminal shows, or the last line that was printed.
  let progress = ''
  const safe = (text: string): string => safeText(text, hasColor)
  const safeLine = (text: string): string => safe(text).replaceAll('\n', ' ')
  const endProgress = (): void => {
    if (progress !== '' && stderr.isTTY === true) stderr.write(CLEAR_LINE)
    progress = ''
  }
  const write = (stream: Writable, text: string): void => {
    endProgress()
    stream.write(`${safe(text)}\n`)
  }
  return {
    print: text => write(stdout, text),
    write: bytes => void stdout.write(bytes),
    note: text => write(stderr, text),
    progress: (line, shown) => {
      if (stderr.isTTY === true) stderr.write(`${CLEAR_LINE}${safeLine(shown).slice(0, (stderr.columns ?? 80) - 1)}`)
      else if (line !== progress) stderr.write(`${safeLine(line)}\n`)
      progress = line
    },
    style: createStyle(hasColor),
    isTerminal: stdout.isTTY === true,
    redraw: text => void stdout.write(`${CLEAR}${safe(text)}\n`),
    ask: async question => {
      if (stdin.isTTY !== true) return undefined
      const prompt = createInterface({ input: stdin, output: stderr })
      // Without an answer, the question would stay open and the program would end with 0.
      const ended = new AbortController()
      prompt.once('close', () => ended.abort())
      try {
        return await prompt.question(question, { signal: AbortSignal.any([signal, ended.signal]) })
      } catch (error) {
        // Ctrl-C too, which is no signal while a line is read.
        if (!(error instanceof Error) || error.name !== 'AbortError') throw error
        throw new PluginError('nothing was changed', EXIT_CODES.interrupted)
      } finally {
        prompt.close()
      }
    },
    now: () => Date.now(),
    signal,
  }
}
