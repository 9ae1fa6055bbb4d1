/** How errors of the AWS SDK are explained, and which of them are temporary. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ec2Trouble } from './ec2-trouble.ts'

const source = { region: 'us-east-2', tags: { Network: 'pacific-1' } }

/** As EC2's client throws them. */
function answer(name: string, status: number, message = 'as EC2 says it.'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
}

function network(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

const rows: readonly (readonly [error: unknown, passes: boolean, text: RegExp])[] = [
  [
    Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }),
    false,
    /: the operator has no AWS credentials \(.*Could not load credentials from any providers\)\. Give the operator's ServiceAccount a role that allows ec2:DescribeInstances/,
  ],
  [
    answer('UnauthorizedOperation', 403),
    false,
    /: AWS does not allow it \(UnauthorizedOperation: as EC2 says it\)\. Give/,
  ],
  [answer('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity'), false, /does not allow it/],
  [answer('OptInRequired', 401), false, /in an account that uses the region/],
  [
    answer('AuthFailure', 401),
    false,
    /: AWS does not accept the operator's credentials \(AuthFailure: .*\)\. Renew them/,
  ],
  [answer('UnrecognizedClientException', 400), false, /does not accept/],
  [answer('ExpiredTokenException', 400), false, /does not accept/],
  [answer('InvalidParameterValue', 400), false, /: AWS refuses the request \(InvalidParameterValue: .*\)\. Correct/],
  [answer('RequestLimitExceeded', 503), true, /: AWS limits the rate of requests \(RequestLimitExceeded: .*\)\. It is/],
  [answer('Throttling', 400), true, /limits the rate/],
  [answer('Whatever', 429), true, /limits the rate/],
  [answer('InternalError', 500), true, /: AWS has a problem of its own \(InternalError: /],
  [answer('Unavailable', 503), true, /problem of its own/],
  [
    network('ENOTFOUND', 'getaddrinfo ENOTFOUND ec2.us-east-9.amazonaws.com'),
    true,
    /: AWS does not answer \(getaddrinfo ENOTFOUND ec2\.us-east-9\.amazonaws\.com\)\. .* check the region's name/,
  ],
  [network('ECONNREFUSED', ''), true, /does not answer \(ECONNREFUSED\)/],
  [Object.assign(new Error('socket hang up'), { name: 'TimeoutError' }), true, /\(TimeoutError: socket hang up\)/],
  ['a text', true, /does not answer \(a text\)/],
  [undefined, true, /does not answer \(undefined\)/],
]

for (const [error, passes, text] of rows) {
  test(`${String(error)}: ${passes ? 'waited for' : 'fails the plan'}, with region, tags and what to do in the message`, () => {
    const trouble = ec2Trouble(error, source)
    assert.equal(trouble.passes, passes)
    assert.match(trouble.message, /^cannot list the EC2 instances in region us-east-2 with tag Network=pacific-1: /)
    assert.match(trouble.message, text)
    assert.equal(trouble.cause, error)
  })
}
