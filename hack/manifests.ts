/** Writes the CRDs, their mirror in manifests/, the roles of RBAC and the generated files of the Helm chart; with --check it fails where a file is out of date. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { customResourceDefinition } from '../src/api/crd.ts'
import { KINDS } from '../src/api/kinds.ts'
import { GROUP } from '../src/api/names.ts'
import { chartFiles } from './chart/chart.ts'
import { isEntryPoint } from './entry-point.ts'
import { rbacManifests } from './rbac-manifests.ts'
import { toYaml } from './to-yaml.ts'

const ROOT = join(import.meta.dirname, '..')
const HEADER = '# Made by `make manifests` from src/api. Do not edit.\n'

/** The text of every generated manifest by its path in the repository. */
export function manifests(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const crds = new Map<string, string>()
  for (const kind of KINDS) {
    const name = `${GROUP}_${kind.plural}.yaml`
    const text = HEADER + toYaml(customResourceDefinition(kind))
    crds.set(name, text)
    files.set(`config/crd/bases/${name}`, text)
    files.set(`manifests/${name}`, text)
  }
  const resources = [...crds.keys()].map(name => `bases/${name}`)
  files.set(
    'config/crd/kustomization.yaml',
    HEADER + toYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources }),
  )
  for (const [path, role] of rbacManifests()) files.set(path, HEADER + toYaml(role))
  for (const [path, text] of chartFiles(crds)) files.set(path, text)
  return files
}

/** Paths whose file differs from its source or is missing. */
export function outdated(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path)
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
