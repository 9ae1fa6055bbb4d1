/** Prints what EC2 answers: `describeInstancesXml`, `errorXml`. */
import type { Page } from './describe-instances.ts'
import type { Ec2Failure } from './failure.ts'
import { STATE_CODES, stateOf, type Instance } from './instance.ts'

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** One reservation per instance, as instances that were started one by one have. */
export function describeInstancesXml({ instances, nextToken }: Page, requestId: string): string {
  const items = instances.map(reservation).join('')
  const rest = nextToken === undefined ? '' : element('nextToken', nextToken)
  return `${HEAD}<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${element('requestId', requestId)}<reservationSet>${items}</reservationSet>${rest}</DescribeInstancesResponse>`
}

export function errorXml({ code, message }: Ec2Failure, requestId: string): string {
  const error = `<Error>${element('Code', code)}${element('Message', message)}</Error>`
  return `${HEAD}<Response><Errors>${error}</Errors>${element('RequestID', requestId)}</Response>`
}

function reservation(instance: Instance): string {
  const { id, privateIp, publicIp, tags } = instance
  const state = stateOf(instance)
  const tagSet = Object.entries(tags).map(
    ([key, value]) => `<item>${element('key', key)}${element('value', value)}</item>`,
  )
  const fields = [
    element('instanceId', id),
    `<instanceState>${element('code', String(STATE_CODES[state]))}${element('name', state)}</instanceState>`,
    element('instanceType', 'r6i.2xlarge'),
    ...(privateIp === undefined ? [] : [element('privateIpAddress', privateIp)]),
    ...(publicIp === undefined ? [] : [element('ipAddress', publicIp)]),
    `<tagSet>${tagSet.join('')}</tagSet>`,
  ]
  const owner = `${element('reservationId', id.replace(/^i-/, 'r-'))}${element('ownerId', '123456789012')}<groupSet/>`
  return `<item>${owner}<instancesSet><item>${fields.join('')}</item></instancesSet></item>`
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<${name}>${escaped}</${name}>`
}
