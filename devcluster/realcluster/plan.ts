/** What is made outside a real cluster's namespaces and used inside: `Plan`, handed over as a file. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Binaries } from '../controlplane/programs.ts'
import type { Runtime } from './debian-packages.ts'
import type { NodePrograms } from './node-programs.ts'

export interface Plan {
  readonly binaries: Binaries
  readonly programs: NodePrograms
  readonly runtime: Runtime
  readonly cgroup: string
  /** Paths of OCI archives. */
  readonly images: readonly string[]
}

const FILE = 'plan.json'

export async function writePlan(dir: string, plan: Plan): Promise<void> {
  await writeFile(join(dir, FILE), JSON.stringify(plan))
}

export async function readPlan(dir: string): Promise<Plan> {
  const plan: Plan = JSON.parse(await readFile(join(dir, FILE), 'utf8'))
  return plan
}
