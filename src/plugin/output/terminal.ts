/** Standard input and output of the program: `createIo`. */
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { Io } from './io.ts'
import { createStyle } from './style.ts'

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
}

const CLEAR = '\u001b[H\u001b[2J\u001b[3J'

export function createIo({ stdin, stdout, stderr }: Streams, hasColor: boolean, signal: AbortSignal): Io {
  return {
    print: text => void stdout.write(`${text}\n`),
    note: text => void stderr.write(`${text}\n`),
    style: createStyle(hasColor),
    isTerminal: stdout.isTTY === true,
    redraw: text => void stdout.write(`${CLEAR}${text}\n`),
    ask: async question => {
      if (stdin.isTTY !== true) return undefined
      const prompt = createInterface({ input: stdin, output: stderr })
      try {
        return await prompt.question(question, { signal })
      } finally {
        prompt.close()
      }
    },
    now: () => Date.now(),
    signal,
  }
}
