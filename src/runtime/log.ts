/** Structured logs: the interface `Logger`, and `createLogger` for JSON lines or readable text. */
import type { DestinationStream } from 'pino'
import pino from 'pino'

export interface Logger {
  /** Variable parts are in `fields`, so that the message is a constant text. Errors are in the field `err`. */
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** A logger that adds `fields` to each of its lines. */
  child(fields: Record<string, unknown>): Logger
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMATS = ['json', 'text'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** The destination; each `write` gets one whole line. */
export type LogDestination = DestinationStream

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Default: standard error, written synchronously, so that the last line before a crash is not lost. */
  readonly destination?: LogDestination
}

export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true })
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: level => ({ level }) },
    },
    options.format === 'json' ? destination : { write: line => destination.write(textLine(line)) },
  )
}

/** `2026-01-01T00:00:00.000Z INFO  started port=8081`, and an error's stack on lines of its own. */
function textLine(json: string): string {
  const { time, level, msg, err, ...fields }: Record<string, unknown> = JSON.parse(json)
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${textValue(value)}`)
  const head = [String(time), String(level).toUpperCase().padEnd(5), String(msg), ...pairs].join(' ')
  return `${head}${errorText(err)}\n`
}

function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return typeof value === 'string' && /[\s"=]|^$/.test(text) ? JSON.stringify(text) : text
}

function errorText(error: unknown): string {
  if (error === undefined) return ''
  if (typeof error !== 'object' || error === null || !('stack' in error)) return ` err=${textValue(error)}`
  return `\n    ${String(error.stack).replaceAll('\n', '\n    ')}`
}
