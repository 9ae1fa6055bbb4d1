/** DescribeInstances of EC2 on a local port, for programs whose AWS_ENDPOINT_URL_EC2 points there: `FakeEc2`. */
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Instance {
  readonly id: string
  readonly region: string
  /** `running` by default. */
  readonly state?: 'running' | 'stopped'
  readonly tags: Readonly<Record<string, string>>
  readonly privateIp?: string
  readonly publicIp?: string
}

export interface Ec2Failure {
  readonly code: string
  /** HTTP status. */
  readonly status: number
  readonly message: string
}

/** `drop`: the connection closes without an answer. */
export type Ec2Fault = Ec2Failure | 'drop'

export interface Ec2Call {
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[]
}

export interface FakeEc2Options {
  readonly instances?: readonly Instance[]
  /** The largest page; 1,000 by default. */
  readonly pageLimit?: number
  /** Called for each signed request. */
  readonly faults?: () => Ec2Fault | undefined
}

/** Failures for tests, in EC2's words. */
export const FAILURES = {
  throttled: { code: 'RequestLimitExceeded', status: 503, message: 'Request limit exceeded.' },
  internal: { code: 'InternalError', status: 500, message: 'An internal error has occurred' },
  unavailable: { code: 'Unavailable', status: 503, message: 'The service is unavailable. Please try again shortly.' },
  unauthorized: {
    code: 'UnauthorizedOperation',
    status: 403,
    message:
      'You are not authorized to perform this operation. User: operator is not authorized to perform: ec2:DescribeInstances',
  },
  notSubscribed: { code: 'OptInRequired', status: 401, message: 'You are not subscribed to this service.' },
  notValidated: {
    code: 'AuthFailure',
    status: 401,
    message: 'AWS was not able to validate the provided access credentials',
  },
  unrecognized: {
    code: 'UnrecognizedClientException',
    status: 403,
    message: 'The security token included in the request is invalid.',
  },
} as const satisfies Record<string, Ec2Failure>

const ACCESS_KEY_ID = 'AKIAFAKE000000000000'
const SIGNED = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/\\d{8}/([a-z0-9-]+)/ec2/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$`,
)

interface Answer {
  readonly status: number
  readonly body: string
}

export class FakeEc2 implements AsyncDisposable {
  /** Tests may change it at any time. */
  readonly instances: Instance[]
  /** Signed requests, oldest first. */
  readonly calls: Ec2Call[] = []
  readonly #options: FakeEc2Options
  readonly #server: Server

  private constructor(options: FakeEc2Options) {
    this.#options = options
    this.instances = [...(options.instances ?? [])]
    this.#server = createServer((request, response) => {
      const answered = text(request).then(body => {
        const answer = this.#answer(request.headers.authorization ?? '', new URLSearchParams(body))
        if (answer === undefined) return request.socket.destroy()
        return response.writeHead(answer.status, { 'content-type': 'text/xml;charset=UTF-8' }).end(answer.body)
      })
      answered.catch(() => request.socket.destroy())
    })
  }

  static async start(options: FakeEc2Options = {}): Promise<FakeEc2> {
    const fake = new FakeEc2(options)
    await new Promise<void>(resolve => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  /** Configures the AWS SDK of a program for this EC2 and its only account. */
  get env(): Readonly<Record<string, string>> {
    const credentials = { AWS_ACCESS_KEY_ID: ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: 'fake/secret' }
    return { ...credentials, AWS_ENDPOINT_URL_EC2: this.endpoint, AWS_EC2_METADATA_DISABLED: 'true' }
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

  #answer(authorization: string, form: URLSearchParams): Answer | undefined {
    const region = SIGNED.exec(authorization)?.[1]
    if (region === undefined) return failed(FAILURES.notValidated)
    const filters = [...form.keys()].filter(key => /^Filter\.\d+\.Name$/.test(key)).map(key => filterOf(form, key))
    this.calls.push({ filters })
    const fault = this.#options.faults?.()
    if (fault) return fault === 'drop' ? undefined : failed(fault)
    const matching = this.instances.filter(each => each.region === region && matches(each, filters))
    const start = Number(form.get('NextToken') ?? 0)
    const end = start + Math.min(Number(form.get('MaxResults') ?? 1_000), this.#options.pageLimit ?? 1_000)
    const next = end < matching.length ? element('nextToken', String(end)) : ''
    const items = matching.slice(start, end).map(reservationXml).join('')
    const body = `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet>${items}</reservationSet>${next}</DescribeInstancesResponse>`
    return { status: 200, body }
  }
}

function filterOf(form: URLSearchParams, nameKey: string): Ec2Call['filters'][number] {
  const prefix = nameKey.replace(/Name$/, 'Value.')
  const values = [...form].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value)
  return { name: form.get(nameKey) ?? '', values }
}

/** As the operator filters: by state and by tags, without wildcards. */
function matches({ state = 'running', tags }: Instance, filters: Ec2Call['filters']): boolean {
  return filters.every(({ name, values }) =>
    values.includes(name === 'instance-state-name' ? state : (tags[name.replace(/^tag:/, '')] ?? '')),
  )
}

function reservationXml({ id, state = 'running', privateIp, publicIp, tags }: Instance): string {
  const tagSet = Object.entries(tags).map(([k, v]) => `<item>${element('key', k)}${element('value', v)}</item>`)
  const fields = [
    element('instanceId', id),
    `<instanceState>${element('name', state)}</instanceState>`,
    privateIp === undefined ? '' : element('privateIpAddress', privateIp),
    publicIp === undefined ? '' : element('ipAddress', publicIp),
    `<tagSet>${tagSet.join('')}</tagSet>`,
  ]
  return `<item><instancesSet><item>${fields.join('')}</item></instancesSet></item>`
}

function failed({ code, status, message }: Ec2Failure): Answer {
  const error = `<Error>${element('Code', code)}${element('Message', message)}</Error>`
  return { status, body: `<Response><Errors>${error}</Errors><RequestID>fake</RequestID></Response>` }
}

function element(name: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<${name}>${escaped}</${name}>`
}
