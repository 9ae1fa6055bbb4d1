/** Answers DescribeInstances from a list of instances: `describeInstances`. Pure. */
import { Ec2Failure, invalid } from './failure.ts'
import { stateOf, type Instance } from './instance.ts'
import type { Filter, Query } from './query.ts'

export interface Page {
  readonly instances: readonly Instance[]
  readonly nextToken?: string
}

/** What EC2 allows for MaxResults here. */
const LEAST = 5
const MOST = 1_000

/** @param pageLimit EC2 gives fewer than were asked for when it likes @throws Ec2Failure */
export function describeInstances(instances: readonly Instance[], query: Query, pageLimit: number): Page {
  const { maxResults, nextToken, instanceIds, filters } = query
  if (maxResults !== undefined && instanceIds.length > 0) {
    const message = 'The parameter instancesSet cannot be used with the parameter maxResults'
    throw new Ec2Failure('InvalidParameterCombination', 400, message)
  }
  if (maxResults !== undefined && (maxResults < LEAST || maxResults > MOST)) {
    throw invalid(`Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000.`)
  }
  const tests = filters.map(testOf)
  const found = instances.filter(
    instance =>
      (instanceIds.length === 0 || instanceIds.includes(instance.id)) && tests.every(isMet => isMet(instance)),
  )
  const start = nextToken === undefined ? 0 : readToken(nextToken)
  const end = start + Math.min(maxResults ?? MOST, pageLimit)
  const page = found.slice(start, end)
  return end < found.length ? { instances: page, nextToken: tokenFor(end) } : { instances: page }
}

/** Filters are joined by "and", the values of one by "or"; `*` and `?` are wildcards. */
function testOf({ name, values }: Filter): (instance: Instance) => boolean {
  const patterns = values.map(patternOf)
  const matches = (text: string | undefined): boolean =>
    text !== undefined && patterns.some(pattern => pattern.test(text))
  if (name.startsWith('tag:')) return ({ tags }) => matches(tags[name.slice('tag:'.length)])
  switch (name) {
    case 'instance-state-name':
      return instance => matches(stateOf(instance))
    case 'tag-key':
      return ({ tags }) => Object.keys(tags).some(matches)
    case 'instance-id':
      return ({ id }) => matches(id)
    default:
      throw invalid(`The filter '${name}' is invalid`)
  }
}

function patternOf(value: string): RegExp {
  const source = value.replaceAll(/\\?[^]/g, part => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    const literal = part.length > 1 ? part.slice(1) : part
    return literal.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`, 's')
}

// Opaque to callers, as EC2's.
function tokenFor(start: number): string {
  return Buffer.from(`page:${start}`).toString('base64')
}

function readToken(token: string): number {
  const start = /^page:(\d+)$/.exec(Buffer.from(token, 'base64').toString('utf8'))?.[1]
  if (start === undefined) throw invalid(`Value ( ${token} ) for parameter nextToken is invalid.`)
  return Number(start)
}
