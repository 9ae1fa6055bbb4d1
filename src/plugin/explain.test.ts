/** Each error is one sentence that says what to do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, ConfigError, TransportError } from '../kube/errors.ts'
import { EXIT_CODES, PluginError } from './exit-code.ts'
import { explain } from './explain.ts'

const SOURCE = 'kubeconfig /home/me/.kube/config, context prod'

function refused(status: number, operation: string, object: string, message = 'no', name?: string): ApiError {
  const details = name === undefined ? {} : { details: { name } }
  return new ApiError({ operation, object }, status, { reason: 'Some', message, ...details })
}

const CASES: readonly (readonly [error: Error, text: RegExp])[] = [
  [
    new ConfigError('no cluster to talk to: no KUBECONFIG'),
    /^no cluster to talk to: .*\. Name a kubeconfig with --kubeconfig/,
  ],
  [
    new TransportError(
      { operation: 'list', object: 'seinodes.sei.io in sei' },
      'connect',
      'connect ECONNREFUSED 127.0.0.1:6443',
    ),
    /^the API server does not answer \(kubeconfig .*prod\): connect ECONNREFUSED 127.0.0.1:6443\. Check that the cluster runs/,
  ],
  [
    new TransportError({ operation: 'list', object: 'pods' }, 'credentials', 'no credentials: aws: not found'),
    /no credentials: aws: not found \(kubeconfig .*\)\. Log in to the cluster/,
  ],
  [refused(401, 'get', 'pods sei/a'), /^the API server refuses your credentials/],
  [
    refused(403, 'list', 'seinodes.sei.io in sei'),
    /^you may not list seinodes\.sei\.io in namespace sei\. Ask an administrator/,
  ],
  [refused(403, 'apply', 'seinodes.sei.io sei/a'), /^you may not patch seinodes\.sei\.io in namespace sei\./],
  [
    refused(403, 'list', 'seinodes.sei.io'),
    /^you may not list seinodes\.sei\.io in all namespaces\. Name a namespace with -n/,
  ],
  [refused(404, 'list', 'seinodes.sei.io in sei'), /^the cluster has no kinds of sei\.io .*: install the operator/],
  [
    refused(409, 'patch', 'seinodes.sei.io sei/a', 'modified', 'a'),
    /^seinodes\.sei\.io sei\/a was changed meanwhile \(modified\): repeat the command$/,
  ],
  [refused(409, 'apply', 'seinodes.sei.io sei/a', '1 conflict', 'a'), /^apply seinodes\.sei\.io sei\/a: 1 conflict$/],
  [new PluginError('nothing was changed', EXIT_CODES.usage), /^nothing was changed$/],
  [new Error('other'), /^other$/],
]

for (const [error, text] of CASES) {
  test(`${error.name}: ${error.message}`, () => assert.match(explain(error, SOURCE), text))
}
