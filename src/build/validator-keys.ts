/** The additional parts of a validator's pod: `validatorInitContainer`, `keyVolumes`. */
import type { Container, Pod, Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts'
import { INIT_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { initCommand, initContainer } from './init-container.ts'
import type { NodeSettings } from './node-settings.ts'
import { VALIDATOR_INIT } from './scripts.gen.ts'

interface KeySecret {
  /** Name of the pod's volume. */
  readonly volume: string
  readonly mountPath: string
  /** The variable that holds its path for the script. */
  readonly variable: string
  /** Keys of the Secret that are mounted; other keys are not. */
  readonly files: readonly string[]
  readonly secretName: string
}

/** $0 of the script. */
const SCRIPT_NAME = 'validator-init'
/** Readable by the pod's user through its fsGroup. */
const MODE = 0o440

/**
 * seid-init with another script, which installs the keys and reports the consensus address. Only this container mounts the
 * Secrets. Their volumes are optional: otherwise the kubelet would block a pod whose Secret is missing and report it only in
 * events.
 */
export function validatorInitContainer(node: SeiNode, settings: NodeSettings, resetsStateSync: boolean): Container {
  const base = initContainer(node, settings, resetsStateSync)
  const secrets = keySecrets(node)
  const { signingKey, nodeKey } = node.spec.validator ?? {}
  return {
    ...base,
    command: initCommand(VALIDATOR_INIT, SCRIPT_NAME, resetsStateSync),
    args: [...(base.args ?? []), signingKey?.secretName ?? '', nodeKey?.secretName ?? ''],
    env: [...(base.env ?? []), ...secrets.map(({ variable, mountPath }) => ({ name: variable, value: mountPath }))],
    volumeMounts: [...(base.volumeMounts ?? []), ...secrets.map(mountOf)],
  }
}

export function keyVolumes(node: SeiNode): Volume[] {
  return keySecrets(node).map(({ volume, secretName, files }) => ({
    name: volume,
    secret: {
      secretName,
      optional: true,
      defaultMode: MODE,
      items: files.map(key => ({ key, path: key })),
    },
  }))
}

/** Whether the pod's init container reports the consensus address. Those of earlier operator versions do not. */
export function reportsKey(pod: Readonly<Pod>): boolean {
  const container = pod.spec?.initContainers?.find(({ name }) => name === INIT_CONTAINER)
  return container?.command?.at(-1) === SCRIPT_NAME
}

function keySecrets({ spec: { validator } }: SeiNode): readonly KeySecret[] {
  const signing = validator?.signingKey && {
    volume: 'signing-key',
    mountPath: '/keys/signing',
    variable: 'SIGNING_KEY_DIR',
    files: ['priv_validator_key.json', 'priv_validator_state.json'],
    secretName: validator.signingKey.secretName,
  }
  const ofNode = validator?.nodeKey && {
    volume: 'node-key',
    mountPath: '/keys/node',
    variable: 'NODE_KEY_DIR',
    files: ['node_key.json'],
    secretName: validator.nodeKey.secretName,
  }
  return [signing, ofNode].filter(secret => secret !== undefined)
}

function mountOf({ volume, mountPath }: KeySecret): VolumeMount {
  return { name: volume, mountPath, readOnly: true }
}
