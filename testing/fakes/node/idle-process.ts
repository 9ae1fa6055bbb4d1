/** A container of which nothing is known but that it runs: every probe of it succeeds. */
import type { ContainerProcess, ProcessExit } from './container-process.ts'

export class IdleProcess implements ContainerProcess {
  #exit: ProcessExit | undefined

  get exit(): ProcessExit | undefined {
    return this.#exit
  }

  answers(): boolean {
    return this.#exit === undefined
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#exit ??= { exitCode: signal === 'SIGTERM' ? 143 : 137 }
    await Promise.resolve()
  }
}
