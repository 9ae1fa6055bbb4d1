/** A fake of EC2's DescribeInstances on a local port, for programs with AWS_ENDPOINT_URL_EC2: `FakeEc2`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export interface Instance {
  readonly id: string
  readonly region: string
  /** `running` when left out. */
  readonly state?: string
  readonly tags: Readonly<Record<string, string>>
  readonly privateIp?: string
  readonly publicIp?: string
}

/** An error answer in EC2's words. */
export interface Ec2Failure {
  readonly code: string
  readonly status: number
  readonly message: string
}

/** `drop`: the connection is cut without an answer. */
export type Ec2Fault = Ec2Failure | 'drop'

export const FAILURES = {
  throttled: { code: 'RequestLimitExceeded', status: 503, message: 'Request limit exceeded.' },
  internal: { code: 'InternalError', status: 500, message: 'An internal error has occurred' },
  unavailable: { code: 'Unavailable', status: 503, message: 'The service is unavailable. Please try again shortly.' },
  unauthorized: {
    code: 'UnauthorizedOperation',
    status: 403,
    message:
      'You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/operator/pod',
  },
  notSubscribed: { code: 'OptInRequired', status: 401, message: 'You are not subscribed to this service.' },
  unrecognized: {
    code: 'UnrecognizedClientException',
    status: 403,
    message: 'The security token included in the request is invalid.',
  },
  notValidated: {
    code: 'AuthFailure',
    status: 401,
    message: 'AWS was not able to validate the provided access credentials',
  },
} as const satisfies Record<string, Ec2Failure>

export interface Ec2Call {
  /** That the request was signed for. */
  readonly region: string
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[]
}

export interface FakeEc2Options {
  readonly instances?: readonly Instance[]
  /** The page size; 1,000 by default. */
  readonly pageLimit?: number
  /** Asked for each call that is signed by the one account. */
  readonly faults?: () => Ec2Fault | undefined
}

/** The only account. Signatures are not verified. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIAFAKE000000000000', AWS_SECRET_ACCESS_KEY: 'fake/secret' } as const
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([a-z0-9-]+)\/ec2\/aws4_request,.*Signature=[0-9a-f]{64}$/

export class FakeEc2 implements AsyncDisposable {
  /** May be changed at any time. */
  readonly instances: Instance[]
  /** Calls of the one account, oldest first. */
  readonly calls: Ec2Call[] = []
  readonly #options: FakeEc2Options
  readonly #server: Server

  private constructor(options: FakeEc2Options) {
    this.#options = options
    this.instances = [...(options.instances ?? [])]
    this.#server = createServer((request, response) => {
      // A client that gives up halfway leaves nothing to do.
      this.#serve(request, response).catch(() => request.socket.destroy())
    })
  }

  static async start(options: FakeEc2Options = {}): Promise<FakeEc2> {
    const fake = new FakeEc2(options)
    await new Promise<void>(resolve => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  /** Environment variables that make the AWS SDK use this EC2 with its only account. */
  get env(): Readonly<Record<string, string>> {
    return { ...CREDENTIALS, AWS_ENDPOINT_URL_EC2: this.endpoint, AWS_EC2_METADATA_DISABLED: 'true' }
  }

  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error(`fake EC2: expected a port, found ${address}`)
    return `http://127.0.0.1:${address.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const [, keyID, region = ''] = AUTHORIZATION.exec(request.headers.authorization ?? '') ?? []
    if (keyID !== CREDENTIALS.AWS_ACCESS_KEY_ID) return sendFailure(response, FAILURES.notValidated)
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
    const filters = filtersOf(form)
    this.calls.push({ region, filters })
    const fault = this.#options.faults?.()
    if (fault === 'drop') return void request.socket.destroy()
    if (fault) return sendFailure(response, fault)
    const found = this.instances.filter(
      instance =>
        instance.region === region && filters.every(({ name, values }) => values.includes(fieldOf(instance, name))),
    )
    const start = Number(form.get('NextToken') ?? 0)
    const end = start + Math.min(Number(form.get('MaxResults') ?? 1_000), this.#options.pageLimit ?? 1_000)
    const next = end < found.length ? element('nextToken', String(end)) : ''
    const items = found.slice(start, end).map(reservation).join('')
    send(
      response,
      200,
      `<DescribeInstancesResponse><reservationSet>${items}</reservationSet>${next}</DescribeInstancesResponse>`,
    )
  }
}

/** `Filter.1.Name=tag:Network&Filter.1.Value.1=pacific-1`, numbered from 1. */
function filtersOf(form: URLSearchParams): Ec2Call['filters'] {
  const numbered = (pattern: string): readonly string[] => {
    const values: string[] = []
    for (let i = 1; ; i += 1) {
      const value = form.get(pattern.replace('#', String(i)))
      if (value === null) return values
      values.push(value)
    }
  }
  return numbered('Filter.#.Name').map((name, i) => ({ name, values: numbered(`Filter.${i + 1}.Value.#`) }))
}

/** The values that filters match; the operator uses no wildcards. */
function fieldOf({ state = 'running', tags }: Instance, filter: string): string {
  if (filter === 'instance-state-name') return state
  if (filter.startsWith('tag:')) return tags[filter.slice('tag:'.length)] ?? ''
  throw new Error(`fake EC2: unknown filter ${filter}`)
}

function reservation({ id, state = 'running', tags, privateIp, publicIp }: Instance): string {
  const tagSet = Object.entries(tags).map(
    ([key, value]) => `<item>${element('key', key)}${element('value', value)}</item>`,
  )
  const addresses = [
    privateIp === undefined ? '' : element('privateIpAddress', privateIp),
    publicIp === undefined ? '' : element('ipAddress', publicIp),
  ]
  const instance = `${element('instanceId', id)}<instanceState>${element('name', state)}</instanceState>${addresses.join('')}<tagSet>${tagSet.join('')}</tagSet>`
  return `<item><instancesSet><item>${instance}</item></instancesSet></item>`
}

function sendFailure(response: ServerResponse, { code, status, message }: Ec2Failure): void {
  const error = `<Error>${element('Code', code)}${element('Message', message)}</Error>`
  send(response, status, `<Response><Errors>${error}</Errors></Response>`)
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`)
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<${name}>${escaped}</${name}>`
}
