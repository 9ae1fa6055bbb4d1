/** Differences are seen as a server-side apply would make them, and only those. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences } from './subset.ts'

const pod = (containers: unknown, rest: object = {}): object => ({
  spec: { template: { spec: { containers, ...rest } } },
})

const same: readonly (readonly [title: string, desired: unknown, live: unknown])[] = [
  ['fields that others added', { spec: { replicas: 1 } }, { spec: { replicas: 1, minReadySeconds: 0 }, status: {} }],
  ['labels of others', { metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: '1', b: '2' } } }],
  ['absent, null and undefined', { a: null, b: undefined }, {}],
  ['an empty list and none', { spec: { args: [] } }, { spec: {} }],
  ['an empty map and none', { metadata: { labels: {} } }, { metadata: {} }],
  [
    'another order of containers, and one more',
    pod([{ name: 'a' }, { name: 'b' }]),
    pod([{ name: 'x' }, { name: 'b' }, { name: 'a', image: 'i' }]),
  ],
  [
    'a variable and a mount that a webhook added',
    pod([{ name: 'a', env: [{ name: 'E', value: '1' }], volumeMounts: [{ mountPath: '/sei', name: 'data' }] }]),
    pod([
      {
        name: 'a',
        env: [
          { name: 'AWS_REGION', value: 'x' },
          { name: 'E', value: '1' },
        ],
        volumeMounts: [
          { mountPath: '/var/run/token', name: 't' },
          { mountPath: '/sei', name: 'data' },
        ],
      },
    ]),
  ],
  [
    'a port without its protocol and the same with the default',
    pod([{ name: 'a', ports: [{ containerPort: 1 }] }]),
    pod([{ name: 'a', ports: [{ containerPort: 1, protocol: 'TCP' }] }]),
  ],
  [
    'a Service port whose node port was filled in',
    { spec: { ports: [{ port: 1, protocol: 'TCP' }] } },
    {
      spec: {
        ports: [
          { port: 2, protocol: 'TCP' },
          { port: 1, protocol: 'TCP', nodePort: 30_001 },
        ],
      },
    },
  ],
  ['a finalizer of others', { metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b', 'a'] } }],
  [
    'an owner of others',
    { metadata: { ownerReferences: [{ uid: '1' }] } },
    { metadata: { ownerReferences: [{ uid: '2' }, { uid: '1', name: 'n' }] } },
  ],
  [
    'quantities that are spelled otherwise',
    pod([{ name: 'a', resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 2 } } }]),
    pod([{ name: 'a', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } } }]),
  ],
]

for (const [title, desired, live] of same) {
  test(`no difference: ${title}`, () => {
    assert.deepEqual(differences(desired, live), [])
  })
}

const different: readonly (readonly [path: string, desired: unknown, live: unknown])[] = [
  ['spec.replicas', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }],
  ['spec.replicas', { spec: { replicas: 1 } }, { spec: { replicas: '1' } }],
  ['spec.replicas', { spec: { replicas: 1 } }, undefined],
  ['metadata.labels.a', { metadata: { labels: { a: '1' } } }, { metadata: {} }],
  ['spec.automount', { spec: { automount: false } }, { spec: {} }],
  ['spec.emptyDir', { spec: { emptyDir: {} } }, { spec: {} }],
  ['spec.selector', { spec: { selector: { a: '1' } } }, { spec: { selector: { a: '1', b: '2' } } }],
  ['spec.podSelector', { spec: { podSelector: {} } }, { spec: {} }],
  ['spec.podSelector', { spec: { podSelector: {} } }, { spec: { podSelector: { matchLabels: { a: '1' } } } }],
  ['metadata.finalizers["a"]', { metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b'] } }],
  [
    'spec.template.spec.containers[name=a].image',
    pod([{ name: 'a', image: 'new' }]),
    pod([{ name: 'a', image: 'old' }]),
  ],
  ['spec.template.spec.containers[name=b]', pod([{ name: 'b' }]), pod([{ name: 'a' }])],
  [
    'spec.template.spec.containers[name=a].command',
    pod([{ name: 'a', command: ['x'] }]),
    pod([{ name: 'a', command: ['x', 'y'] }]),
  ],
  [
    'spec.template.spec.containers[name=a].args[1]',
    pod([{ name: 'a', args: ['x', 'y'] }]),
    pod([{ name: 'a', args: ['x', 'z'] }]),
  ],
  [
    'spec.template.spec.containers[name=a].resources.requests.cpu',
    pod([{ name: 'a', resources: { requests: { cpu: '1' } } }]),
    pod([{ name: 'a', resources: { requests: { cpu: '1001m' } } }]),
  ],
  [
    'spec.template.spec.tolerations',
    pod([], { tolerations: [{ key: 'a' }] }),
    pod([], { tolerations: [{ key: 'a' }, { key: 'b' }] }),
  ],
  [
    'spec.ingress[0].ports',
    { spec: { ingress: [{ ports: [{ port: 1, protocol: 'TCP' }] }] } },
    {
      spec: {
        ingress: [
          {
            ports: [
              { port: 1, protocol: 'TCP' },
              { port: 2, protocol: 'TCP' },
            ],
          },
        ],
      },
    },
  ],
  [
    'spec.ports[port=1,protocol=UDP]',
    { spec: { ports: [{ port: 1, protocol: 'UDP' }] } },
    { spec: { ports: [{ port: 1, protocol: 'TCP' }] } },
  ],
  ['metadata.labels.constructor', { metadata: { labels: { constructor: 'a' } } }, { metadata: { labels: {} } }],
  ['data.toString', { data: { toString: ['a'] } }, { data: {} }],
  ['data.cpu', { data: { cpu: '1000m' } }, { data: { cpu: '1' } }],
]

for (const [path, desired, live] of different) {
  test(`the first difference is named: ${path}`, () => {
    assert.equal(differences(desired, live)[0]?.path, path)
  })
}

test('every difference is named, with what is found', () => {
  const desired = { spec: { replicas: 1, selector: { a: '1' }, template: { image: 'a', args: ['x'] } } }
  const live = { spec: { replicas: 2, selector: { a: '1' }, template: { args: ['y'] } } }
  assert.deepEqual(differences(desired, live), [
    { path: 'spec.replicas', wanted: 1, found: 2 },
    { path: 'spec.template.image', wanted: 'a', found: undefined },
    { path: 'spec.template.args[0]', wanted: 'x', found: 'y' },
  ])
})

test('an absent object is named by its desired fields', () => {
  const paths = differences({ spec: { affinity: { nodeAffinity: { weight: 1 } }, emptyDir: {} } }, {}).map(
    ({ path }) => path,
  )
  assert.deepEqual(paths, ['spec.affinity.nodeAffinity.weight', 'spec.emptyDir'])
})
