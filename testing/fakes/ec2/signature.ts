/** Checks the signature (version 4) of a request to EC2, as EC2 does: `readRegion`. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { notValidated } from './failure.ts'

export interface SignedRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Secrets by access key id. */
export type Credentials = Readonly<Record<string, string>>

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/ec2\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/**
 * The region for which a request to path `/` was signed. EC2's endpoints each serve one region; the fake serves all.
 * @throws Ec2Failure where no key of `credentials` made the signature
 */
export function readRegion({ method, headers, body }: SignedRequest, credentials: Credentials): string {
  const match = AUTHORIZATION.exec(headers.authorization ?? '')
  if (!match) throw notValidated()
  const [, keyID = '', day = '', region = '', signedHeaders = '', signature = ''] = match
  const secret = credentials[keyID]
  const time = headers['x-amz-date']
  if (secret === undefined || typeof time !== 'string' || !time.startsWith(day)) throw notValidated()
  const lines = signedHeaders.split(';').map(name => `${name}:${String(headers[name] ?? '').trim()}\n`)
  const request = [method, '/', '', lines.join(''), signedHeaders, sha256(body)].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, `${day}/${region}/ec2/aws4_request`, sha256(request)].join('\n')
  const key = [day, region, 'ec2', 'aws4_request'].reduce<string | Buffer>(
    (at, part) => hmac(at, part),
    `AWS4${secret}`,
  )
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'))) throw notValidated()
  return region
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
