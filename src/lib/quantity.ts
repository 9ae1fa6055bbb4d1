/** Kubernetes quantities ("500m", "32Gi", "1e3") as exact numbers: `parseQuantity`, `compareQuantities`, `wholeGiB`. */

/** Kubernetes keeps billionths and rounds finer values away from zero. */
const SCALE = 9

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}

const BINARY_FACTORS: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
}

const QUANTITY = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([KMGTPE]i)|([eE])([+-]?[0-9]{1,3})|([numkMGTPE]?))$/

/** A quantity in billionths of its unit; undefined if `text` is not a quantity. */
export function parseQuantity(text: string | number): bigint | undefined {
  const match = QUANTITY.exec(String(text))
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', binary, exponentMark, exponent, decimal = ''] = match
  if (whole === '' && fraction === '') return undefined

  const digits = BigInt(whole + fraction)
  const factor = binary === undefined ? 1n : (BINARY_FACTORS[binary] ?? 1n)
  const powerOfTen = exponentMark === undefined ? (DECIMAL_EXPONENTS[decimal] ?? 0) : Number(exponent)
  const size = shift(digits * factor, powerOfTen - fraction.length + SCALE)
  return sign === '-' ? -size : size
}

/**
 * Negative if `a` is less, positive if it is more, 0 if both are the same amount in any spelling.
 * @throws TypeError if one of them is not a quantity
 */
export function compareQuantities(a: string | number, b: string | number): number {
  const [left, right] = [amount(a), amount(b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** How many whole GiB fit into it. Drivers round sizes up to them. */
export function wholeGiB(quantity: string | number): bigint {
  return amount(quantity) / (2n ** 30n * 10n ** BigInt(SCALE))
}

function amount(text: string | number): bigint {
  const value = parseQuantity(text)
  if (value === undefined) throw new TypeError(`quantity: expected a number such as 4, 500m or 32Gi, found "${text}"`)
  return value
}

/** `digits` times ten to the power of `exponent`, rounded up. */
function shift(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (digits + divisor - 1n) / divisor
}
