/** The user that every container runs as, and what it may do; for node pods and Job pods alike. */
import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.d.ts'

/** "nonroot" of distroless images. One user for all containers, since seid writes its files for their owner alone. */
const USER_ID = 65532

export function podSecurityContext(): PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: USER_ID,
    runAsGroup: USER_ID,
    fsGroup: USER_ID,
    // Without it, the kubelet changes the group of every file at each start: hours on a full volume.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  }
}

export function containerSecurityContext(): SecurityContext {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
}
