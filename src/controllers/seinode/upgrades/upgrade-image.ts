/** Whether the image of the next upgrade can be had on the machine of the node: `UpgradeImage`. */

export type UpgradeImage =
  | { readonly kind: 'pulling' | 'present'; readonly image: string }
  /** The kubelet's words. */
  | { readonly kind: 'missing'; readonly image: string; readonly message: string }
