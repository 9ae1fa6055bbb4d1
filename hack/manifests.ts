/** Writes the CRDs, their mirror in manifests/ and the roles of RBAC; with --check it fails where a file is out of date. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { customResourceDefinition } from '../src/api/crd.ts'
import { KINDS } from '../src/api/kinds.ts'
import { GROUP } from '../src/api/names.ts'
import { isEntryPoint } from './entry-point.ts'
import { rbacManifests } from './rbac-manifests.ts'

const ROOT = join(import.meta.dirname, '..')
const HEADER = '# Made by `make manifests` from src/api. Do not edit.\n'

/** The text of every generated manifest by its path in the repository. */
export function manifests(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const bases: string[] = []
  for (const kind of KINDS) {
    const name = `${GROUP}_${kind.plural}.yaml`
    const text = HEADER + toYaml(customResourceDefinition(kind))
    bases.push(`bases/${name}`)
    files.set(`config/crd/bases/${name}`, text)
    files.set(`manifests/${name}`, text)
  }
  files.set(
    'config/crd/kustomization.yaml',
    HEADER + toYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: bases }),
  )
  for (const [path, role] of rbacManifests()) files.set(path, HEADER + toYaml(role))
  return files
}

/** Paths whose file differs from its source or is missing. */
export function outdated(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path)
}

// YAML 1.1 is what Kubernetes reads: words such as "on" and "no" have to be quoted.
function toYaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 120, aliasDuplicateObjects: false })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch {
    return undefined
  }
}

async function main(check: boolean): Promise<void> {
  const files = manifests()
  const stale = outdated(files)
  if (check) {
    for (const path of stale) console.error(`${path} is out of date: run make manifests`)
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  for (const path of stale) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), files.get(path) ?? '')
    console.log(`wrote ${path}`)
  }
}

if (isEntryPoint(import.meta)) await main(process.argv.includes('--check'))
