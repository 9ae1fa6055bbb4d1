/** Pods for unit tests: `gatedPod` is a node's pod in small. */
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'

export function podOf(spec: PodSpec): Pod {
  return {
    metadata: { namespace: 'sei', name: 'node-0', uid: 'u-1', generation: 1 },
    spec,
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  }
}

/** seid-init, a sidecar gated by its startup probe, seid with a readiness probe on a named port; all on one volume. */
export function gatedPod(changes: Partial<PodSpec> = {}): Pod {
  const volumeMounts = [{ name: 'data', mountPath: '/sei' }]
  return podOf({
    nodeName: 'fake-sei-0',
    initContainers: [
      { name: 'seid-init', image: 'seid:v5', args: ['arctic-1', 'node-0', 'init'], volumeMounts },
      {
        name: 'sei-sidecar',
        image: 'seictl:v0.0.40',
        restartPolicy: 'Always',
        env: [
          { name: 'SEI_HOME', value: '/sei' },
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        startupProbe: {
          httpGet: { path: '/v0/healthz', port: 7777 },
          periodSeconds: 1,
          failureThreshold: 2_147_483_647,
        },
        volumeMounts,
      },
    ],
    containers: [
      {
        name: 'seid',
        image: 'seid:v5',
        command: ['seid'],
        args: ['start'],
        ports: [{ name: 'rpc', containerPort: 26657 }],
        readinessProbe: { httpGet: { path: '/lag_status', port: 'rpc' } },
        volumeMounts,
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-node' } }],
    ...changes,
  })
}

/** One container that runs to its end. */
export function jobPod(restartPolicy: 'Never' | 'OnFailure'): Pod {
  return podOf({ restartPolicy, containers: [{ name: 'task', image: 'seid:v5' }] })
}
