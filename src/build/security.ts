/** Security contexts of node pods and Job pods. */
import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.d.ts'

/** "nonroot" of distroless images. All containers share one user, because only the owner can read seid's files. */
const USER_ID = 65532

export function podSecurityContext(): PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: USER_ID,
    runAsGroup: USER_ID,
    fsGroup: USER_ID,
    // Otherwise the kubelet changes the group of every file at each start, which takes hours on a full volume.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  }
}

export function containerSecurityContext(): SecurityContext {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
}
