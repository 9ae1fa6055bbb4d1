/** Parses a Pod into the fields that the fake node uses: `podPlan`. */
import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.d.ts'

/** `init` ends before the next container starts; `sidecar` is a restartable init container; `main` is a regular one. */
export type ContainerRole = 'init' | 'sidecar' | 'main'

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

/** An httpGet probe with its port resolved to a number. */
export interface HttpProbe {
  readonly path: string
  readonly port: number
}

/** A Secret that is mounted: its name, and the files that it is mounted as by the keys that they hold. */
export interface SecretMount {
  readonly name: string
  /** Undefined: all keys, under their names. */
  readonly items: readonly { readonly key: string; readonly path: string }[] | undefined
  readonly optional: boolean
}

export interface ContainerPlan {
  readonly name: string
  readonly image: string
  readonly role: ContainerRole
  readonly restartPolicy: RestartPolicy
  /** Variables with a literal value; those taken from elsewhere (`valueFrom`) are absent. */
  readonly env: Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** Whether the end of its log replaces a termination message that it did not write when it failed. */
  readonly fallbackToLogs?: boolean
  readonly startupProbe?: HttpProbe
  readonly readinessProbe?: HttpProbe
  /** Mount path to the name of the claim whose volume is mounted there. */
  readonly claims: ReadonlyMap<string, string>
  /** By mount path. */
  readonly secrets?: ReadonlyMap<string, SecretMount>
}

export interface PodPlan {
  readonly restartPolicy: RestartPolicy
  /** Init containers and sidecars in their order, then the main containers. */
  readonly containers: readonly ContainerPlan[]
}

/** Throws when a probe is none by HTTP, or names a port that its container does not declare. */
export function podPlan(pod: Pod): PodPlan {
  const spec = pod.spec
  const restartPolicy = asRestartPolicy(spec?.restartPolicy)
  const claimOfVolume = new Map<string, string>()
  const secretOfVolume = new Map<string, SecretMount>()
  for (const volume of spec?.volumes ?? []) {
    if (volume.persistentVolumeClaim) claimOfVolume.set(volume.name, volume.persistentVolumeClaim.claimName)
    const { secretName: name = '', items, optional = false } = volume.secret ?? {}
    if (volume.secret) secretOfVolume.set(volume.name, { name, items, optional })
  }
  const init = (spec?.initContainers ?? []).map(container =>
    container.restartPolicy === 'Always'
      ? plan(container, 'sidecar', 'Always')
      : plan(container, 'init', restartPolicy === 'Never' ? 'Never' : 'OnFailure'),
  )
  const main = (spec?.containers ?? []).map(container => plan(container, 'main', restartPolicy))
  return { restartPolicy, containers: [...init, ...main] }

  function plan(container: Container, role: ContainerRole, policy: RestartPolicy): ContainerPlan {
    const secrets = new Map<string, SecretMount>()
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      const secret = secretOfVolume.get(name)
      if (secret) secrets.set(mountPath, secret)
    }
    const common = containerPlan(container, role, policy, claimOfVolume)
    return secrets.size === 0 ? common : { ...common, secrets }
  }
}

/** Names of all claims that the pod mounts. */
export function claimsOf(plan: PodPlan): ReadonlySet<string> {
  return new Set(plan.containers.flatMap(container => [...container.claims.values()]))
}

function containerPlan(
  container: Container,
  role: ContainerRole,
  restartPolicy: RestartPolicy,
  claimOfVolume: ReadonlyMap<string, string>,
): ContainerPlan {
  const env: Record<string, string> = {}
  for (const variable of container.env ?? []) {
    if (variable.valueFrom === undefined) env[variable.name] = expanded(variable.value ?? '', env)
  }
  const claims = new Map<string, string>()
  for (const mount of container.volumeMounts ?? []) {
    const claim = claimOfVolume.get(mount.name)
    if (claim !== undefined) claims.set(mount.mountPath, claim)
  }
  const startupProbe = httpProbe(container, container.startupProbe)
  const readinessProbe = httpProbe(container, container.readinessProbe)
  return {
    name: container.name,
    image: container.image ?? '',
    role,
    restartPolicy,
    env,
    command: [...(container.command ?? []), ...(container.args ?? [])].map(text => expanded(text, env)),
    ...(container.terminationMessagePolicy === 'FallbackToLogsOnError' && { fallbackToLogs: true }),
    ...(startupProbe && { startupProbe }),
    ...(readinessProbe && { readinessProbe }),
    claims,
  }
}

function httpProbe(container: Container, probe: Probe | undefined): HttpProbe | undefined {
  if (!probe) return undefined
  if (!probe.httpGet) throw new Error(`container ${container.name}: only probes by httpGet are played here`)
  const { path = '/', port } = probe.httpGet
  if (typeof port === 'number') return { path, port }
  const named = container.ports?.find(candidate => candidate.name === port)
  if (!named)
    throw new Error(`container ${container.name}: its probe of ${path} names port "${port}", which it does not declare`)
  return { path, port: named.containerPort }
}

function asRestartPolicy(value: string | undefined): RestartPolicy {
  return value === 'OnFailure' || value === 'Never' ? value : 'Always'
}

/** References to variables, as kubelet reads them: `$(NAME)` is the variable's value where there is one and stays as it is elsewhere; `$$` is one dollar sign. */
function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : found
  })
}
