/** What is taken for a node's id in the answer of its RPC. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNodeID } from './node-id.ts'

const ID = '0123456789abcdef0123456789abcdef01234567'

const rows: readonly (readonly [title: string, body: string, id: string | undefined])[] = [
  ['flat, as seid answers', `{"node_info":{"id":"${ID}","network":"pacific-1"},"sync_info":{}}`, ID],
  ['in the envelope of JSON-RPC', `{"jsonrpc":"2.0","id":-1,"result":{"node_info":{"id":"${ID}"}}}`, ID],
  ['in capitals', `{"node_info":{"id":"${ID.toUpperCase()}"}}`, ID],
  ['too short', `{"node_info":{"id":"${ID.slice(1)}"}}`, undefined],
  ['no id but text for a configuration file', `{"node_info":{"id":"${ID}@evil:1,${ID}"}}`, undefined],
  ['a number', '{"node_info":{"id":7}}', undefined],
  ['an error in the envelope', '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603}}', undefined],
  ['an error of seid', '{"code":-32603,"message":"internal","result":null}', undefined],
  ['no node_info', '{"node_info":null}', undefined],
  ['a list', '[1]', undefined],
  ['null', 'null', undefined],
  ['no JSON', '<html>502</html>', undefined],
  ['nothing', '', undefined],
]

for (const [title, body, id] of rows) {
  test(`the node id of an answer that is ${title}: ${id ?? 'none'}`, () => {
    assert.equal(readNodeID(body), id)
  })
}
