/** Paths inside a node's containers. */

/** Mount path of the data volume: the home of seid and of the sidecar. */
export const DATA_DIR = '/sei'

/** seid's $HOME, the parent of its default home directory. */
export const USER_HOME = '/home/sei'

/** Scratch directory on the data volume, because a snapshot does not fit elsewhere. seid-init creates it. */
export const TMP_DIR = `${DATA_DIR}/tmp`
