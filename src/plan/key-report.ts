/** What a validator's init container reports of its consensus key, in its termination message: `parseKeyReport`. Pure. */

export interface KeyReport {
  /** The consensus address, as seid prints it. */
  readonly address: string
  /** The height up to which the volume has the key's signing state; undefined where there is none. */
  readonly height: bigint | undefined
}

/** Exit code of the init container where a key is missing, or is not the one that it has to be. */
export const KEY_REFUSED_EXIT_CODE = 65

/** Exit code of the init container where a signing state cannot be read. */
export const STATE_REFUSED_EXIT_CODE = 66

/** What may be part of an object's name once it is in lower case. */
const ADDRESS = /^address ([A-Za-z0-9]{8,128})$/
const STATE = /^state (\d{1,32}|none)$/

/** Undefined where the message is not a report. */
export function parseKeyReport(message: string | undefined): KeyReport | undefined {
  const [first = '', second = '', ...rest] = (message ?? '').trimEnd().split('\n')
  const address = ADDRESS.exec(first)?.[1]
  const height = STATE.exec(second)?.[1]
  if (address === undefined || height === undefined || rest.length > 0) return undefined
  return { address: address.toLowerCase(), height: height === 'none' ? undefined : BigInt(height) }
}
