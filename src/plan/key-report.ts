/** What a validator's init container reports of its consensus key, in its termination message: `parseKeyReport`. Pure. */

export interface KeyReport {
  /** The consensus address in seid's format. */
  readonly address: string
  /** The last height in the key's signing state on the volume; undefined where there is no signing state. */
  readonly height: bigint | undefined
}

/** Exit code of the init container where a key is missing or is not the expected one. */
export const KEY_REFUSED_EXIT_CODE = 65

/** Exit code of the init container where the signing state cannot be read. */
export const STATE_REFUSED_EXIT_CODE = 66

/** Addresses that, in lower case, may be part of an object's name. */
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
