/**
 * The annotations by which Argo CD, Flux and Helm leave an object alone that they would delete: `PRUNE_PROTECTION`. On what
 * holds data: claims, and the CRDs, whose deletion deletes every SeiNode. The operator's own deletions do not read them.
 */
export const PRUNE_PROTECTION: Readonly<Record<string, string>> = {
  // Argo CD: neither when the object leaves the repository, nor when the Application is deleted.
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  // Flux: garbage collection of a Kustomization.
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  // Helm: uninstall, upgrade and rollback.
  'helm.sh/resource-policy': 'keep',
}
