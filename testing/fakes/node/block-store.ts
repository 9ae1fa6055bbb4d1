/** The height of a fake seid's last block, kept on its volume: `heightOf`, `writeHeight`. */
import type { Home } from '../sidecar/index.ts'

/** In the place of the real one, which is a directory. */
const STORE = 'data/blockstore.db'

/** 0 on a volume without blocks. */
export function heightOf(home: Home): number {
  return Number(home.read(STORE) ?? 0)
}

export function writeHeight(home: Home, height: number): void {
  home.write(STORE, String(height))
}
