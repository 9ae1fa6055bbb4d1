/** Patterns of peer addresses `NODEID@HOST:PORT`: `PEER` for one, `PEER_LIST` for a comma-separated list. */

const NODE_ID = '[0-9a-fA-F]{40}'
const HOST = String.raw`([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`
const PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
/** Pattern of `HOST:PORT`. */
export const HOST_PORT = `${HOST}:${PORT}`
const ADDRESS = `${NODE_ID}@${HOST_PORT}`

export const PEER = new RegExp(`^${ADDRESS}$`)

/** Matches an empty list too. */
export const PEER_LIST = new RegExp(`^(${ADDRESS}(, ?${ADDRESS})*)?$`)
