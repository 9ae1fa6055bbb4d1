/** Whether a process has ended: `hasEnded`. */
import { existsSync, readFileSync } from 'node:fs'
import { isAlive } from './lock.ts'

/** True for zombies too, which remain only with a slow init. */
export function hasEnded(pid: number): boolean {
  if (!isAlive(pid)) return true
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && /\) Z /.test(readFileSync(stat, 'utf8'))
}
