/** When the kubelet fetches an image anew: `imagePullPolicy`. */

export type PullPolicy = 'Always' | 'IfNotPresent'

/**
 * What Kubernetes fills in for a new container: `Always` for the tag latest and for none, else `IfNotPresent`. Spelled out,
 * since the server keeps the value that it filled in for the first image when the image changes.
 */
export function imagePullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent'
  const [, tag = 'latest'] = (image.split('/').at(-1) ?? '').split(':')
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}
