/** What is made outside a real cluster's namespaces and used inside: `ClusterParts`, handed over as a file. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Binaries } from '../controlplane/programs.ts'
import type { Runtime } from './debian-packages.ts'
import type { NodePrograms } from './node-programs.ts'

export interface ClusterParts {
  readonly binaries: Binaries
  readonly programs: NodePrograms
  readonly runtime: Runtime
  readonly cgroup: string
  /** Paths of OCI archives. */
  readonly images: readonly string[]
}

const FILE = 'parts.json'

export async function writeParts(dir: string, parts: ClusterParts): Promise<void> {
  await writeFile(join(dir, FILE), JSON.stringify(parts))
}

export async function readParts(dir: string): Promise<ClusterParts> {
  const parts: ClusterParts = JSON.parse(await readFile(join(dir, FILE), 'utf8'))
  return parts
}
