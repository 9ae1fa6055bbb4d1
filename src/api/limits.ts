/** Size limits of the schemas. Writers of status must respect them: the API server refuses longer values. */

/** Characters of a condition's message, as in metav1.Condition. */
export const MAX_CONDITION_MESSAGE = 32_768
/** Characters of a task's error or note in status. */
export const MAX_TASK_ERROR = 8192
/** Characters of the retry annotation's value in status. */
export const MAX_RETRY_TOKEN = 1024
/** Tasks of one plan. */
export const MAX_PLAN_TASKS = 32
/** Restarts of a stuck node in status. */
export const MAX_STUCK_RESTARTS = 3
/** Overrides of a SeiNodePool. */
export const MAX_POOL_OVERRIDES = 256
/** Overrides of a SeiNode: those of its pool plus the peers that the pool adds. */
export const MAX_NODE_OVERRIDES = 264
/** Override keys in status: the user's, the operator's, and those of earlier plans that may still be on the volume. */
export const MAX_OVERRIDE_KEYS = 1024
/** Characters of all values of a SeiNodePool's overrides together. */
export const MAX_POOL_OVERRIDES_SIZE = 262_144
/** Characters of all parameters of a genesis together, as encoded in the arguments of the ceremony's Job. */
export const MAX_PARAMS_SIZE = 131_072
/** Characters of an override's value: enough for the peers of the largest pool with the longest names. */
export const MAX_OVERRIDE_VALUE = 16_384
/** Characters of all values of a SeiNode's overrides together: those of its pool plus the peers that the pool adds. */
export const MAX_NODE_OVERRIDES_SIZE = MAX_POOL_OVERRIDES_SIZE + MAX_OVERRIDE_VALUE
/** Upgrades of one spec. */
export const MAX_UPGRADES = 64
/** Overrides of one upgrade. */
export const MAX_UPGRADE_OVERRIDES = 32
/** Characters of all values of the overrides of one upgrade together. */
export const MAX_UPGRADE_OVERRIDES_SIZE = 16_384
/** Nodes of one pool. */
export const MAX_POOL_NODES = 64
/**
 * Characters of a SeiNode's name. Its StatefulSet's pods carry the label controller-revision-hash = NAME-HASH, a label
 * value holds 63 characters, and the hash takes 11 with its dash.
 */
export const MAX_NODE_NAME = 52
/** Characters of a SeiNodePool's name: its nodes are called POOL-0 to POOL-63. */
export const MAX_POOL_NAME = 49
