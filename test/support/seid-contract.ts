/** The behaviour of seid on which the ceremony relies: `seidContract`, for the real seid and the fake. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const KEYS = ['config/node_key.json', 'config/priv_validator_key.json', 'data/priv_validator_state.json']

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A directory in which seid runs, with HOME beside the homes that tests make. */
class Bench implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'seid-contract-'))
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    mkdirSync(join(this.dir, 'home'))
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  in(name: string): string {
    return join(this.dir, name)
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = { HOME: this.in('home') }): Run {
    const { status, stdout, stderr } = spawnSync(this.#path, args, {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { status, stdout, stderr }
  }

  /** Its standard output; fails the test when it fails. */
  done(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.run(args)
    assert.equal(status, 0, stderr)
    return stdout
  }

  /** Its standard error; fails the test when it succeeds, or ends with another status. */
  refused(...args: readonly string[]): string {
    const { status, stderr } = this.run(args)
    assert.equal(status, 1, stderr)
    return stderr
  }

  init(home: string): void {
    this.done('init', home, '--chain-id', 'devnet-1', '--home', this.in(home))
  }

  /** The address of a new account in that home's keyring. */
  account(home: string): string {
    const text = this.done('keys', 'add', 'admin', ...this.keyring(home), '--output', 'json')
    const { address }: { address: string } = JSON.parse(text)
    return address
  }

  keyring(home: string, backend = 'test'): readonly string[] {
    return ['--keyring-backend', backend, '--home', this.in(home)]
  }

  fund(home: string, address: string): void {
    this.done('add-genesis-account', address, '100000000usei', ...this.keyring(home, 'file'))
  }

  gentx(home: string, chainId = 'devnet-1'): readonly string[] {
    const output = ['--output-document', this.in('gentx/gentx-0.json')]
    mkdirSync(this.in('gentx'), { recursive: true })
    return ['gentx', 'admin', '10000000usei', '--chain-id', chainId, '--moniker', 'n', ...this.keyring(home), ...output]
  }

  genesis(home: string): string {
    return join(this.in(home), 'config/genesis.json')
  }
}

/** Registers the tests for the program at `path`. */
export function seidContract(name: string, path: () => string): void {
  const it = (title: string, body: (bench: Bench) => void): void => {
    void test(`${name}: ${title}`, () => {
      using bench = new Bench(path())
      body(bench)
    })
  }

  it('init makes a home with keys for its owner alone, and refuses a second time', bench => {
    bench.init('a')
    for (const file of KEYS) {
      assert.equal(statSync(join(bench.in('a'), file)).mode & 0o077, 0, file)
    }
    for (const file of ['config/config.toml', 'config/app.toml']) assert.ok(existsSync(join(bench.in('a'), file)), file)
    const text = readFileSync(bench.genesis('a'), 'utf8')
    assert.ok(text.endsWith('}'), 'the last line has no end')
    const genesis: { chain_id: string } = JSON.parse(text)
    assert.equal(genesis.chain_id, 'devnet-1')
    assert.match(bench.refused('init', 'a', '--chain-id', 'devnet-1', '--home', bench.in('a')), /already exist/)
  })

  it('without HOME it does nothing, and with --home it does not touch HOME', bench => {
    assert.equal(bench.run(['version', '--home', bench.in('a')], {}).status, 2)
    bench.init('a')
    assert.equal(existsSync(bench.in('home/.sei')), false)
  })

  it('a command on an empty home makes configuration, which init then refuses', bench => {
    bench.run(['tendermint', 'show-node-id', '--home', bench.in('a')])
    assert.ok(existsSync(bench.in('a/config/config.toml')))
    assert.match(bench.refused('init', 'a', '--chain-id', 'devnet-1', '--home', bench.in('a')), /already exist/)
  })

  it('the consensus address is that of the key, whatever else is in the home, and needs key and state', bench => {
    bench.init('a')
    bench.init('b')
    const address = (home: string) => bench.done('tendermint', 'show-address', '--home', bench.in(home)).trim()
    const own = address('a')
    assert.match(own, /^[a-z0-9]+$/)
    assert.notEqual(address('b'), own)
    mkdirSync(bench.in('c/config'), { recursive: true })
    mkdirSync(bench.in('c/data'))
    copyFileSync(bench.in('a/config/priv_validator_key.json'), bench.in('c/config/priv_validator_key.json'))
    writeFileSync(bench.in('c/data/priv_validator_state.json'), '{"height":"0","round":0,"step":0}')
    assert.equal(address('c'), own)
    writeFileSync(bench.in('c/config/priv_validator_key.json'), '{')
    assert.notEqual(bench.run(['tendermint', 'show-address', '--home', bench.in('c')]).status, 0)
  })

  it('init keeps a key that lies on the volume beside its state', bench => {
    bench.init('a')
    mkdirSync(bench.in('b/config'), { recursive: true })
    mkdirSync(bench.in('b/data'))
    const key = readFileSync(bench.in('a/config/priv_validator_key.json'), 'utf8')
    const state = '{"height":"4711","round":0,"step":3}'
    writeFileSync(bench.in('b/config/priv_validator_key.json'), key)
    writeFileSync(bench.in('b/data/priv_validator_state.json'), state)
    bench.done('init', 'b', '--chain-id', 'devnet-1', '--home', bench.in('b'), '--overwrite')
    assert.equal(readFileSync(bench.in('b/config/priv_validator_key.json'), 'utf8'), key)
    assert.equal(readFileSync(bench.in('b/data/priv_validator_state.json'), 'utf8'), state)
  })

  it('a new account is one JSON object, and its address can be asked for', bench => {
    bench.init('a')
    const address = bench.account('a')
    assert.match(address, /^sei1[02-9ac-hj-np-z]{38}$/)
    assert.equal(bench.done('keys', 'show', 'admin', '-a', ...bench.keyring('a')).trim(), address)
    bench.refused('keys', 'show', 'nobody', '-a', ...bench.keyring('a'))
    // Otherwise it asks whether to replace it.
    bench.refused('keys', 'add', 'admin', ...bench.keyring('a'), '--output', 'json')
  })

  it('an account of another home is funded through the backend "file" alone, and once', bench => {
    bench.init('a')
    bench.init('b')
    const address = bench.account('b')
    const add = ['add-genesis-account', address, '5usei']
    assert.match(bench.refused(...add, ...bench.keyring('a')), /^Error: not found/)
    bench.done(...add, ...bench.keyring('a', 'file'))
    assert.ok(readFileSync(bench.genesis('a'), 'utf8').includes(`"${address}"`))
    assert.match(bench.refused(...add, ...bench.keyring('a', 'file')), /existing address/)
  })

  it('what is no address, or no amount, is refused with status 1', bench => {
    bench.init('a')
    const add = (address: string, amount: string): string =>
      bench.refused('add-genesis-account', address, amount, ...bench.keyring('a', 'file'))
    assert.match(add('sei1!', '5usei'), /^Error: /)
    assert.match(add(bench.account('a'), 'usei'), /^Error: /)
  })

  it('a validator signs only for an account that the genesis knows', bench => {
    bench.init('a')
    const address = bench.account('a')
    bench.refused(...bench.gentx('a'))
    bench.fund('a', address)
    bench.done(...bench.gentx('a'))
    const { body }: { body: { messages: readonly Record<string, unknown>[] } } = JSON.parse(
      readFileSync(bench.in('gentx/gentx-0.json'), 'utf8'),
    )
    const [message = {}] = body.messages
    assert.equal(message['@type'], '/cosmos.staking.v1beta1.MsgCreateValidator')
    assert.deepEqual(message['value'], { denom: 'usei', amount: '10000000' })
    const key: unknown = JSON.parse(bench.done('tendermint', 'show-validator', '--home', bench.in('a')))
    assert.deepEqual(message['pubkey'], key)
  })

  it('init with the chain id of a network that it knows writes the genesis of that network, and no validator joins it', bench => {
    bench.done('init', 'a', '--chain-id', 'arctic-1', '--home', bench.in('a'))
    const genesis: { genesis_time: string } = JSON.parse(readFileSync(bench.genesis('a'), 'utf8'))
    assert.match(genesis.genesis_time, /^2024-01-25T/)
    bench.fund('a', bench.account('a'))
    bench.refused(...bench.gentx('a', 'arctic-1'))
  })

  it('transactions are collected from a directory, which must hold some', bench => {
    bench.init('a')
    bench.fund('a', bench.account('a'))
    bench.done(...bench.gentx('a'))
    bench.done('collect-gentxs', '--gentx-dir', bench.in('gentx'), '--home', bench.in('a'))
    const genesis: { app_state: { genutil: { gen_txs: readonly unknown[] } } } = JSON.parse(
      readFileSync(bench.genesis('a'), 'utf8'),
    )
    assert.equal(genesis.app_state.genutil.gen_txs.length, 1)
    bench.done('validate-genesis', bench.genesis('a'), '--home', bench.in('a'))
    mkdirSync(bench.in('empty'))
    bench.refused('collect-gentxs', '--gentx-dir', bench.in('empty'), '--home', bench.in('a'))
  })

  it('a genesis with a wrong parameter is refused with status 1', bench => {
    bench.init('a')
    const text = readFileSync(bench.genesis('a'), 'utf8')
    writeFileSync(bench.genesis('a'), text.replace('"voting_period": "172800s"', '"voting_period": "soon"'))
    bench.refused('validate-genesis', bench.genesis('a'), '--home', bench.in('a'))
  })

  it('the id of a node is that of its key', bench => {
    bench.init('a')
    const id = bench.done('tendermint', 'show-node-id', '--home', bench.in('a')).trim()
    const key: { id: string } = JSON.parse(readFileSync(bench.in('a/config/node_key.json'), 'utf8'))
    assert.equal(id, key.id)
    assert.match(id, /^[0-9a-f]{40}$/)
  })

  it('an unknown command or flag is refused', bench => {
    bench.refused('testnet', '--home', bench.in('a'))
    bench.refused('init', 'a', '--no-such-flag', 'x', '--home', bench.in('a'))
  })
}
