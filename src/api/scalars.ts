/** Schemas of the strings and numbers in manifests, each with bounds and a message that names the allowed values. */
import { z } from 'zod'
import { matches, withRules } from './rules.ts'

/** A string with a format. In the CRD a rule replaces the pattern, because its message is readable. */
export function formatted(max: number, pattern: RegExp, message: string): z.ZodString {
  return withRules(z.string().max(max).regex(pattern, message), matches(pattern, message))
}

/** An integer that fits Go's int64 and is exact in ECMAScript, up to 2^53 - 1. */
export function int64(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodInt {
  return z.int().min(min).max(max).meta({ format: 'int64' })
}

export function int32(min: number, max = 2_147_483_647): z.ZodInt {
  return z.int().min(min).max(max).meta({ format: 'int32' })
}

/** A map from strings; `maxProperties` bounds it. */
export function map<V extends z.ZodType>(value: V, maxProperties: number): z.ZodRecord<z.ZodString, V> {
  return z.record(z.string(), value).meta({ maxProperties })
}

/** RFC 3339. */
export const timestamp = z.string().max(64).meta({ format: 'date-time' })

export const uid = z.string().max(128)

const CHAIN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]*$/
export const chainId = formatted(
  50,
  CHAIN_ID,
  'chainId must start with a letter or digit and hold only letters, digits, "-" and "_"',
)

const IMAGE = /^\S+$/
export const image = formatted(512, IMAGE, 'image must be a container image reference without spaces')

export const region = formatted(
  32,
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  'region must be an AWS region such as us-east-2: lower-case letters, digits and "-"',
)

export const bucket = formatted(
  63,
  /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/,
  'bucket must be an S3 bucket name: 3 to 63 lower-case letters, digits, "." and "-", without s3://',
).min(3)

export const keyPrefix = formatted(
  512,
  /^([^\s/]\S*)?$/,
  'prefix must be a key prefix such as state-sync/, without spaces and without a leading "/"',
)

const CRON_FIELD_RANGES = {
  minute: '[0-5]?[0-9]',
  hour: '([01]?[0-9]|2[0-3])',
  dayOfMonth: '(0?[1-9]|[12][0-9]|3[01])',
  month: '(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)',
  dayOfWeek: '([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)',
}

function cronField(value: string): string {
  const part = `(\\*|${value}(-${value})?)(/[1-9][0-9]?)?`
  return `${part}(,${part})*`
}

const CRON = new RegExp(
  `^(@(yearly|annually|monthly|weekly|daily|hourly)|${Object.values(CRON_FIELD_RANGES).map(cronField).join(' +')})$`,
)

export const cron = formatted(
  128,
  CRON,
  'schedule must be a cron expression of five fields (minute hour day-of-month month day-of-week) such as "0 0 * * *", or one of @hourly, @daily, @weekly, @monthly, @yearly',
)

const DURATION_MESSAGE = 'must be a duration above zero such as "9999h0m0s", "168h" or "90s"'
const DURATION = /^([0-9]+(\.[0-9]+)?(h|ms|m|s|us|ns))+$/
const DURATION_RULE = 'self.matches("^([0-9]+([.][0-9]+)?(h|ms|m|s|us|ns))+$")'
export const duration = withRules(z.string().max(32).regex(DURATION, DURATION_MESSAGE), {
  rule: `${DURATION_RULE} && duration(self) > duration("0s")`,
  message: DURATION_MESSAGE,
})

/** @param least in whole minutes, such as `5m` */
export function leastDuration(least: `${number}m`): z.ZodString {
  const minutes = Number.parseInt(least, 10)
  const message = `must be a duration of at least ${minutes === 1 ? 'one minute' : `${minutes} minutes`} such as "10m" or "1h"`
  return withRules(z.string().max(32).regex(DURATION, message), {
    rule: `${DURATION_RULE} && duration(self) >= duration("${least}")`,
    message,
  })
}

/** How long a state has to last before the operator acts on it. */
export const patience = leastDuration('5m')

const QUANTITY_MESSAGE = 'must be a quantity of zero or more such as 4, 500m or 32Gi'
const quantityValue = z.union([z.int(), z.string().max(32)]).meta({ 'x-kubernetes-int-or-string': true })

/** A Kubernetes quantity of zero or more, as a string or a whole number. */
export const quantity = withRules(quantityValue, {
  rule: 'isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity("0"))',
  message: QUANTITY_MESSAGE,
})

/** The size of a volume. Less than 1Gi is refused, because such a number nearly always lacks its unit. */
export function volumeSizeOf(field: string): typeof quantityValue {
  return withRules(quantityValue, {
    rule: 'isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity("1Gi"))',
    message: `${field} must be a quantity of at least 1Gi, with its unit, such as 1000Gi or 2Ti`,
  })
}

export const volumeSize = volumeSizeOf('size')

/** The name of an object that may contain dots (a PVC, a StorageClass). */
export function objectName(field: string): z.ZodString {
  return formatted(
    253,
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    `${field} must be an object name: lower-case letters, digits, "-" and ".", first and last a letter or digit`,
  )
}
