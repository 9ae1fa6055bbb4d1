/** The height of a fake seid's last block, kept on its volume: `heightOf`, `writeHeight`, and `writeUnreadable` for a damaged one. */
import type { Home } from '../sidecar/index.ts'

type Files = Pick<Home, 'read' | 'write'>

/** In the place of the real one, which is a directory. */
const STORE = 'data/blockstore.db'

/** 0 on a volume without blocks, NaN where it cannot be read. */
export function heightOf(home: Files): number {
  return Number(home.read(STORE) ?? 0)
}

export function writeHeight(home: Files, height: number): void {
  home.write(STORE, String(height))
}

export function writeUnreadable(home: Files): void {
  home.write(STORE, 'damaged')
}

/** What the script says of it that src/build/scripts/halt-guard.sh is. */
export const UNREADABLE = 'event re-index failed: : file is damaged'
