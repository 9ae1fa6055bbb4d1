/** Whether a process runs no more: `hasEnded`. */
import { existsSync, readFileSync } from 'node:fs'
import { isAlive } from './lock.ts'

/** True for zombies as well, which only a slow init leaves around: they run no more. */
export function hasEnded(pid: number): boolean {
  if (!isAlive(pid)) return true
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && /\) Z /.test(readFileSync(stat, 'utf8'))
}
