/** Reads requests of EC2's query protocol: `readQuery`. */
import { invalid } from './failure.ts'

export interface Filter {
  readonly name: string
  readonly values: readonly string[]
}

export interface Query {
  readonly action: string
  readonly filters: readonly Filter[]
  readonly instanceIds: readonly string[]
  readonly maxResults: number | undefined
  readonly nextToken: string | undefined
}

/**
 * @param body as a form: `Action=DescribeInstances&Filter.1.Name=tag:Network&Filter.1.Value.1=pacific-1`
 * @throws Ec2Failure
 */
export function readQuery(body: string): Query {
  const form = new URLSearchParams(body)
  const maxResults = form.get('MaxResults')
  if (maxResults !== null && !/^\d+$/.test(maxResults)) throw invalid(`Value (${maxResults}) for parameter maxResults`)
  return {
    action: form.get('Action') ?? '',
    filters: numbered(form, 'Filter').map(prefix => ({
      name: form.get(`${prefix}.Name`) ?? '',
      values: valuesOf(form, `${prefix}.Value`),
    })),
    instanceIds: valuesOf(form, 'InstanceId'),
    maxResults: maxResults === null ? undefined : Number(maxResults),
    nextToken: form.get('NextToken') ?? undefined,
  }
}

function valuesOf(form: URLSearchParams, name: string): readonly string[] {
  return numbered(form, name).map(key => form.get(key) ?? '')
}

/** `NAME.1`, `NAME.2` and so on, as far as the form has them. */
function numbered(form: URLSearchParams, name: string): readonly string[] {
  const keys = [...form.keys()]
  const found: string[] = []
  for (let i = 1; ; i += 1) {
    const key = `${name}.${i}`
    if (!keys.some(each => each === key || each.startsWith(`${key}.`))) return found
    found.push(key)
  }
}
