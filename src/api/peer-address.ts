/** How a peer of seid is named, `NODEID@HOST:PORT`: `PEER`, and `PEER_LIST` for several, separated by commas. */

const NODE_ID = '[0-9a-fA-F]{40}'
const HOST = String.raw`([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`
const PORT = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
/** `HOST:PORT`, as a regular expression. */
export const HOST_PORT = `${HOST}:${PORT}`
const ADDRESS = `${NODE_ID}@${HOST_PORT}`

export const PEER = new RegExp(`^${ADDRESS}$`)

/** Also none. */
export const PEER_LIST = new RegExp(`^(${ADDRESS}(, ?${ADDRESS})*)?$`)
