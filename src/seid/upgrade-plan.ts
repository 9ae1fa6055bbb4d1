/** The upgrade that a chain has voted for, from the answer to an ABCI query: `CURRENT_PLAN_PATH`, `readPlan`. */

export interface VotedUpgrade {
  readonly name: string
  readonly height: number
}

/** Of seid's RPC. The path of the query is a quoted text. */
export const CURRENT_PLAN_PATH = `/abci_query?path=${encodeURIComponent('"/cosmos.upgrade.v1beta1.Query/CurrentPlan"')}`

/** Fields of cosmos.upgrade.v1beta1.QueryCurrentPlanResponse, and of the Plan in it. */
const PLAN = 1
const NAME = 1
const HEIGHT = 3

/** Undefined if the chain has voted for none. @throws where the answer is none to this query */
export function readPlan(answer: Readonly<Record<string, unknown>>): VotedUpgrade | undefined {
  const response: { readonly code?: unknown; readonly value?: unknown; readonly log?: unknown } = Object(
    answer['response'],
  )
  if (answer['response'] === undefined || Number(response.code ?? 0) !== 0)
    throw new Error(`no plan of upgrades (${typeof response.log === 'string' ? response.log : 'no response'})`)
  const { value } = response
  if (typeof value !== 'string' || value === '') return undefined
  const plan = fieldsOf(Buffer.from(value, 'base64')).get(PLAN)
  if (!(plan instanceof Buffer)) return undefined
  const fields = fieldsOf(plan)
  const [name, height] = [fields.get(NAME), fields.get(HEIGHT)]
  if (!(name instanceof Buffer) || typeof height !== 'number') return undefined
  return { name: name.toString(), height }
}

/** The last value of each field of a protobuf message: varints up to 2^53, and what has a length. @throws RangeError where it is cut */
function fieldsOf(message: Buffer): ReadonlyMap<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at)
      at += 1
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = varint()
    const [field, type] = [Math.floor(key / 8), key % 8]
    if (type === 0) fields.set(field, varint())
    else if (type === 2) {
      const length = varint()
      fields.set(field, message.subarray(at, at + length))
      at += length
    } else at += type === 1 ? 8 : 4
  }
  return fields
}
