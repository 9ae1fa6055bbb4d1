/** An error answer of EC2: `Ec2Failure`, and those that EC2 gives by itself. */

export class Ec2Failure extends Error {
  override readonly name = 'Ec2Failure'
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, message: string) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** Answers for tests to order, in EC2's words. */
export const FAILURES = {
  throttled: new Ec2Failure('RequestLimitExceeded', 503, 'Request limit exceeded.'),
  internal: new Ec2Failure('InternalError', 500, 'An internal error has occurred'),
  unavailable: new Ec2Failure('Unavailable', 503, 'The service is unavailable. Please try again shortly.'),
  unauthorized: new Ec2Failure(
    'UnauthorizedOperation',
    403,
    'You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/operator/pod is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action',
  ),
  notSubscribed: new Ec2Failure('OptInRequired', 401, 'You are not subscribed to this service.'),
  unrecognized: new Ec2Failure(
    'UnrecognizedClientException',
    403,
    'The security token included in the request is invalid.',
  ),
} as const satisfies Record<string, Ec2Failure>

export function notValidated(): Ec2Failure {
  return new Ec2Failure('AuthFailure', 401, 'AWS was not able to validate the provided access credentials')
}

export function invalid(message: string): Ec2Failure {
  return new Ec2Failure('InvalidParameterValue', 400, message)
}
