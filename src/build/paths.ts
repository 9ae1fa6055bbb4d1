/** Where things are inside a node's containers. */

/** The data volume: seid's home, and the sidecar's. */
export const DATA_DIR = '/sei'

/** seid's $HOME, the parent of the directory that it uses where no --home is given. */
export const USER_HOME = '/home/sei'

/** Scratch space on the data volume: a snapshot being restored does not fit elsewhere. seid-init makes it. */
export const TMP_DIR = `${DATA_DIR}/tmp`
