/** The releases that hack/controlplane/go.mod pins: the one place that says which Kubernetes the tests run on. */

export interface PinnedVersions {
  /** For example `v1.36.3`. */
  readonly kubernetes: string
  /** For example `v3.6.16`. */
  readonly etcd: string
}

/** Reads them from the text of go.mod. Throws where a requirement is missing. */
export function pinnedVersions(goMod: string): PinnedVersions {
  return { kubernetes: required(goMod, 'k8s.io/kubernetes'), etcd: required(goMod, 'go.etcd.io/etcd/server/v3') }
}

/** Linker flags with the version that the programs of that release report. */
export function kubernetesVersionFlags(version: string): string[] {
  const [major = '', minor = ''] = version.slice(1).split('.')
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor }
  return Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
}

function required(goMod: string, module: string): string {
  for (const line of goMod.split('\n')) {
    const [name, version] = line
      .trim()
      .replace(/^require /, '')
      .split(' ')
    if (name === module && version?.startsWith('v')) return version
  }
  throw new Error(`go.mod: no version of ${module} is required`)
}
