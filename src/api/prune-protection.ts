/**
 * Annotations that keep Argo CD, Flux and Helm from deleting an object: `PRUNE_PROTECTION`. They are set on claims and on the
 * CRDs, whose deletion deletes every SeiNode. The operator's own deletions ignore them.
 */
export const PRUNE_PROTECTION: Readonly<Record<string, string>> = {
  // Argo CD: when the object is removed from the repository, and when the Application is deleted.
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  // Flux: garbage collection of a Kustomization.
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  // Helm: uninstall, upgrade and rollback.
  'helm.sh/resource-policy': 'keep',
}
