/** Parses `s3://bucket/key` addresses: `parseS3URI`. */

export interface S3Object {
  readonly bucket: string
  /** Without a leading "/"; empty where the URI names the bucket alone. */
  readonly key: string
}

const S3_URI = /^s3:\/\/([^/]+)(?:\/+(.*))?$/s

/** @throws TypeError where `uri` has another scheme or no bucket */
export function parseS3URI(uri: string): S3Object {
  const [, bucket, key = ''] = S3_URI.exec(uri) ?? []
  if (bucket === undefined) throw new TypeError(`S3 URI: expected s3://bucket/key, found ${JSON.stringify(uri)}`)
  return { bucket, key }
}

/**
 * The prefix of the "directory" `key`: it ends in "/", or is empty for the bucket itself. Sidecars concatenate prefix and
 * file name, so without the "/" they would read `pacific-1latest.txt`.
 */
export function directoryPrefix(key: string): string {
  const path = key.replace(/^\/+|\/+$/g, '')
  return path === '' ? '' : `${path}/`
}
