/** Shows one step of the way: what it is while it lasts, and how long it took. */
import { Progress, type ProgressStream } from '../testing/progress.ts'

export async function step<T>(title: string, screen: ProgressStream, work: Promise<T>): Promise<T> {
  using progress = new Progress(title, { stream: screen })
  const result = await work
  progress.end('ready')
  return result
}
