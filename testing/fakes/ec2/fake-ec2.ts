/** EC2 on a local port, for whoever has AWS_ENDPOINT_URL_EC2 point there: `FakeEc2`. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { describeInstances } from './describe-instances.ts'
import { Ec2Failure } from './failure.ts'
import type { Instance } from './instance.ts'
import { readQuery, type Query } from './query.ts'
import { readRegion, type Credentials } from './signature.ts'
import { describeInstancesXml, errorXml } from './xml.ts'

/** A call as EC2 understood it. */
export interface Ec2Call extends Query {
  readonly region: string
}

/** `drop`: the connection is cut without an answer. */
export type Ec2Fault = Ec2Failure | 'drop'

export interface FakeEc2Options {
  readonly instances?: readonly Instance[]
  /** Those of `CREDENTIALS` by default. */
  readonly credentials?: Credentials
  /** The most instances that one page holds; 1,000 by default. */
  readonly pageLimit?: number
  /** Asked for each call that is properly signed. */
  readonly faults?: (call: Ec2Call) => Ec2Fault | undefined
}

/** The one account. */
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIASTANDIN000000000',
  AWS_SECRET_ACCESS_KEY: 'fake/secret/of/the/only/account00000',
} as const

export class FakeEc2 implements AsyncDisposable {
  /** May be changed at any time. */
  readonly instances: Instance[]
  /** Calls that were properly signed, oldest first. */
  readonly calls: readonly Ec2Call[]
  readonly #calls: Ec2Call[] = []
  readonly #options: FakeEc2Options
  readonly #server: Server

  private constructor(options: FakeEc2Options) {
    this.#options = options
    this.instances = [...(options.instances ?? [])]
    this.calls = this.#calls
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

  /** What makes a program with the AWS SDK ask this EC2, as its only account. */
  get env(): Readonly<Record<string, string>> {
    return { ...CREDENTIALS, AWS_ENDPOINT_URL_EC2: this.endpoint, AWS_EC2_METADATA_DISABLED: 'true' }
  }

  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error(`EC2 fake: expected a port, found ${address}`)
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
    const requestId = randomUUID()
    try {
      const body = this.#answer(request, Buffer.concat(chunks).toString('utf8'), requestId)
      if (body === undefined) request.socket.destroy()
      else send(response, 200, body)
    } catch (error) {
      if (!(error instanceof Ec2Failure)) throw error
      send(response, error.status, errorXml(error, requestId))
    }
  }

  /** Undefined: none. @throws Ec2Failure */
  #answer({ method = '', headers }: IncomingMessage, body: string, requestId: string): string | undefined {
    const { credentials = { [CREDENTIALS.AWS_ACCESS_KEY_ID]: CREDENTIALS.AWS_SECRET_ACCESS_KEY }, pageLimit = 1_000 } =
      this.#options
    const region = readRegion({ method, headers, body }, credentials)
    const query = readQuery(body)
    const call = { ...query, region }
    this.#calls.push(call)
    const fault = this.#options.faults?.(call)
    if (fault === 'drop') return undefined
    if (fault) throw fault
    if (query.action !== 'DescribeInstances') {
      throw new Ec2Failure('InvalidAction', 400, `The action ${query.action} is not valid for this web service.`)
    }
    const here = this.instances.filter(instance => instance.region === region)
    return describeInstancesXml(describeInstances(here, query, pageLimit), requestId)
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
