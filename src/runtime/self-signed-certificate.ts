/** A certificate that no authority signs: `selfSignedCertificate`. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  unsignedInteger,
  utf8String,
} from '../lib/der.ts'

/** PEM texts. */
export interface KeyPair {
  /** The certificate, followed by its intermediates. */
  readonly cert: string
  readonly key: string
}

const COMMON_NAME = '2.5.4.3'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
/** Extended key usage: the certificate proves the identity of a server. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/** Tolerates clients whose clocks are behind. */
const BACKDATED_MS = 3_600_000
/** Longer than any process runs, because the certificate is never renewed. */
const YEARS = 10

/**
 * A P-256 key and its self-signed X.509 certificate.
 * @param name common name and DNS name
 * @param usage the object identifier of its one extended key usage; a server's by default
 */
export function selfSignedCertificate(name: string, now: Date, usage = SERVER_AUTH): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256))
  const subject = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(name))))
  const until = new Date(now)
  until.setUTCFullYear(now.getUTCFullYear() + YEARS)
  const toBeSigned = sequence(
    // X.509 version 3.
    explicit(0, unsignedInteger(Buffer.of(2))),
    unsignedInteger(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    subject,
    sequence(time(new Date(now.getTime() - BACKDATED_MS)), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        extension(BASIC_CONSTRAINTS, true, sequence()),
        // digitalSignature only.
        extension(KEY_USAGE, true, bitString(Buffer.of(0x80), 7)),
        extension(EXTENDED_KEY_USAGE, false, sequence(objectIdentifier(usage))),
        extension(SUBJECT_ALT_NAME, false, sequence(implicit(2, Buffer.from(name, 'latin1')))),
      ),
    ),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  return {
    cert: pem(sequence(toBeSigned, algorithm, bitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectIdentifier(id), ...(isCritical ? [boolean(true)] : []), octetString(value))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
