/** The zip file of a report: `ReportArchive`. Everything that is added goes through `redactText`. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { Zip, ZipDeflate } from 'fflate'
import { messageOf } from '../../kube/http-error.ts'
import { PluginError } from '../exit-code.ts'
import { MARKER, redactText } from '../redact/redact-text.ts'

/** Only for its owner: a report names addresses and machines. */
const MODE = 0o600

export class ReportArchive implements Disposable {
  readonly #path: string
  readonly #directory: string
  readonly #file: number
  readonly #zip: Zip
  readonly #paths: string[] = []
  #bytes = 0
  #redacted = 0
  #isComplete = false

  /**
   * Throws a PluginError if the file exists or cannot be created.
   * @param directory in the zip, of all its files
   */
  constructor(path: string, directory: string) {
    this.#path = path
    this.#directory = directory
    this.#file = create(path)
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error
      this.#bytes += chunk.length
      writeSync(this.#file, chunk)
    })
  }

  add(path: string, text: string): void {
    const redacted = redactText(text)
    this.#redacted += redacted.split(MARKER).length - 1
    this.#paths.push(path)
    const file = new ZipDeflate(`${this.#directory}/${path}`)
    this.#zip.add(file)
    file.push(new TextEncoder().encode(redacted), true)
  }

  /** Ends the file; without it, disposal removes the file. */
  complete(): void {
    this.#zip.end()
    this.#isComplete = true
  }

  /** In the order in which they were added. */
  get paths(): readonly string[] {
    return this.#paths
  }

  /** How many values were replaced. */
  get redacted(): number {
    return this.#redacted
  }

  /** Size of the file so far. */
  get bytes(): number {
    return this.#bytes
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
    if (!this.#isComplete) rmSync(this.#path, { force: true })
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', MODE)
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new PluginError(
      isThere ? `${path} exists already: name another file with -o` : `cannot write the report: ${messageOf(error)}`,
    )
  }
}
