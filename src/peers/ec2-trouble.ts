/** Explains errors of the AWS SDK to the user: `ec2Trouble`. Pure. */
import { type InstanceTags, PeerLookupError, tagsOf } from './lookup.ts'

/** Common fields of errors of the SDK and of Node's sockets. Any of them may be missing. */
interface Clues {
  /** EC2's error code, if EC2 answered. */
  readonly name?: string
  readonly message?: string
  /** Code of a socket error. */
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

interface Trouble {
  readonly isIt: (clues: Clues) => boolean
  /** The explanation; `%` is replaced by the error's own message. */
  readonly what: string
  readonly advice: string
  readonly passes: boolean
}

const THROTTLED = /^(RequestLimitExceeded|Throttling(Exception)?|ThrottledException|TooManyRequestsException|SlowDown)$/
const UNAUTHORIZED = /^(UnauthorizedOperation|AccessDenied(Exception)?|OptInRequired)$/
const UNKNOWN_CALLER =
  /^(AuthFailure|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken(Exception)?|InvalidIdentityToken|RequestExpired|Blocked|PendingVerification)$/

const ROLE = "Give the operator's ServiceAccount a role that allows ec2:DescribeInstances"

/** The first match applies. */
const TROUBLES: readonly Trouble[] = [
  {
    isIt: ({ name = '' }) => /^CredentialsProviderError$|^TokenProviderError$/.test(name),
    what: 'the operator has no AWS credentials (%)',
    advice: `${ROLE} (EKS Pod Identity or IRSA), or give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    passes: false,
  },
  {
    isIt: ({ name = '', $metadata }) => THROTTLED.test(name) || $metadata?.httpStatusCode === 429,
    what: 'AWS limits the rate of requests (%)',
    advice: 'It is asked again',
    passes: true,
  },
  {
    isIt: ({ name = '' }) => UNAUTHORIZED.test(name),
    what: 'AWS does not allow it (%)',
    advice: `${ROLE}, in an account that uses the region`,
    passes: false,
  },
  {
    isIt: ({ name = '' }) => UNKNOWN_CALLER.test(name),
    what: "AWS does not accept the operator's credentials (%)",
    advice: 'Renew them, and check that they belong to an account that uses the region',
    passes: false,
  },
  {
    isIt: ({ $metadata }) => isStatus($metadata?.httpStatusCode, 400, 499),
    what: 'AWS refuses the request (%)',
    advice: 'Correct the region or the tags of the peers',
    passes: false,
  },
  {
    isIt: ({ $metadata }) => isStatus($metadata?.httpStatusCode, 500, 599),
    what: 'AWS has a problem of its own (%)',
    advice: 'It is asked again',
    passes: true,
  },
]

const NO_ANSWER: Omit<Trouble, 'isIt'> = {
  what: 'AWS does not answer (%)',
  advice: "It is asked again. If it stays so, check the region's name and that the operator's pod can reach EC2 there",
  passes: true,
}

export function ec2Trouble(error: unknown, source: InstanceTags): PeerLookupError {
  const clues: Clues = typeof error === 'object' && error !== null ? error : { message: String(error) }
  const { what, advice, passes } = TROUBLES.find(({ isIt }) => isIt(clues)) ?? NO_ANSWER
  const wish = `cannot list the EC2 instances in region ${source.region} with ${tagsOf(source)}`
  return new PeerLookupError(`${wish}: ${what.replace('%', () => wordsOf(clues))}. ${advice}`, { passes, cause: error })
}

/** Code and message of the error, without a full stop at the end. */
function wordsOf({ name = 'Error', message = '', code }: Clues): string {
  const text = message.trim().replace(/\.$/, '') || code || 'no reason given'
  return name === 'Error' || text.startsWith(name) ? text : `${name}: ${text}`
}

function isStatus(status: number | undefined, from: number, to: number): boolean {
  return status !== undefined && status >= from && status <= to
}
