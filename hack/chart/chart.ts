/** The generated files of the Helm chart in charts/: `chartFiles`. Its templates are written by hand. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { parse } from 'yaml'
import manifest from '../../package.json' with { type: 'json' }
import { rbacManifests } from '../rbac-manifests.ts'
import { toYaml } from '../to-yaml.ts'
import { valuesSchema, valuesYaml } from './render-values.ts'
import type { Group, Value } from './value.ts'
import { chartValues, type ManagerDefaults } from './values.ts'

const ROOT = join(import.meta.dirname, '../..')
const CHART = 'charts/sei-k8s-controller'
const HOME = 'https://github.com/sei-protocol/sei-k8s-controller'

/** Rules of roles by the name of their file in the chart; the paths are those of `rbacManifests`. */
const RULES: Readonly<Record<string, string>> = {
  manager: 'config/rbac/role.yaml',
  'manager-in-namespace': 'config/namespaced/role/role.yaml',
  'leader-election': 'config/rbac/account/leader_election_role.yaml',
  viewer: 'config/rbac/users/viewer_role.yaml',
  editor: 'config/rbac/users/editor_role.yaml',
  admin: 'config/rbac/users/admin_role.yaml',
}

/**
 * The text of each file by its path in the repository.
 * @param crds those of config/crd/bases, by name of the file
 */
export function chartFiles(crds: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    [`${CHART}/Chart.yaml`, header('hack/chart and package.json') + toYaml(chartYaml())],
    [`${CHART}/values.yaml`, header('hack/chart, src/cli and config/manager') + valuesYaml(values())],
    [`${CHART}/values.schema.json`, valuesSchema(values())],
    [`${CHART}/files/monitoring/rules.yaml`, header('config/monitoring') + toYaml(alerts())],
    [`${CHART}/files/monitoring/dashboard.json`, read('config/monitoring/dashboard.json')],
  ])
  for (const [name, text] of crds) files.set(`${CHART}/files/crds/${name}`, text)
  const roles = rbacManifests()
  for (const [name, path] of Object.entries(RULES)) {
    files.set(`${CHART}/files/rules/${name}.yaml`, header('src/api') + toYaml(roles.get(path)?.rules))
  }
  return files
}

export function values(): readonly (Value | Group)[] {
  return chartValues(managerDefaults())
}

function header(source: string): string {
  return `# Made by \`make manifests\` from ${source}. Do not edit.\n`
}

function chartYaml(): unknown {
  return {
    apiVersion: 'v2',
    name: manifest.name,
    description: manifest.description,
    type: 'application',
    version: manifest.version,
    appVersion: `v${manifest.version}`,
    kubeVersion: '>=1.29.0-0',
    home: HOME,
    sources: [HOME],
    annotations: { 'artifacthub.io/license': manifest.license },
  }
}

function managerDefaults(): ManagerDefaults {
  const { spec }: Deployment = parse(read('config/manager/manager.yaml'))
  const [manager] = spec?.template.spec?.containers ?? []
  const [image, tag] = manager?.image?.split(':') ?? []
  if (image === undefined || tag !== `v${manifest.version}`) {
    throw new Error(`config/manager/manager.yaml: the tag of the image has to be v${manifest.version}, found ${tag}`)
  }
  return {
    image,
    pullPolicy: manager?.imagePullPolicy ?? 'IfNotPresent',
    replicas: spec?.replicas ?? 1,
    resources: manager?.resources,
    affinity: spec?.template.spec?.affinity,
  }
}

function alerts(): unknown {
  const rule: { readonly spec: unknown } = parse(read('config/monitoring/rules.yaml'))
  return rule.spec
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
