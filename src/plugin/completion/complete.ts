/** What may stand at the place of a word of a command line: `candidates`. */
import type { Command, Option } from 'commander'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { Session } from '../session.ts'

/** Names of objects come from the cluster; a shell does not wait for long. */
const TIMEOUT_MS = 3_000

/**
 * @param words of the command line after the program's name; the last one is to be completed
 * @param connect makes a session with the options of the command line so far
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  connect: (options: { namespace?: string; context?: string; kubeconfig?: string }) => Session,
): Promise<readonly string[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const { command, positions, values, pending } = readWords(program, before)
  if (pending) return startingWith(current, pending.argChoices ?? [])
  if (current.startsWith('-')) return startingWith(current, flagsOf(program, command))
  if (!command) return startingWith(current, commandsOf(program))
  const argument = command.registeredArguments[positions]
  if (!argument) return []
  if (argument.argChoices) return startingWith(current, argument.argChoices)
  if (argument.name() !== 'name') return []
  using session = connect(values)
  return startingWith(current, await namesOf(session).catch(() => []))
}

interface Words {
  readonly command: Command | undefined
  /** Arguments of the command so far. */
  readonly positions: number
  /** Values of options so far, by name. */
  readonly values: Record<string, string>
  /** The option whose value is to be completed. */
  readonly pending: Option | undefined
}

function readWords(program: Command, words: readonly string[]): Words {
  let command: Command | undefined
  let positions = 0
  let pending: Option | undefined
  const values: Record<string, string> = {}
  for (const word of words) {
    if (pending) {
      values[pending.attributeName()] = word
      pending = undefined
      continue
    }
    const [flag = '', value] = word.split('=', 2)
    const option = word.startsWith('-') ? optionOf(program, command, flag) : undefined
    if (option?.required === true && value === undefined) pending = option
    else if (option && value !== undefined) values[option.attributeName()] = value
    if (word.startsWith('-')) continue
    if (command) positions += 1
    else command = program.commands.find(each => each.name() === word)
  }
  return { command, positions, values, pending }
}

function optionOf(program: Command, command: Command | undefined, flag: string): Option | undefined {
  return [...(command?.options ?? []), ...program.options].find(({ short, long }) => flag === short || flag === long)
}

function flagsOf(program: Command, command: Command | undefined): readonly string[] {
  return [...(command?.options ?? []), ...program.options].flatMap(({ long }) => long ?? []).concat('--help')
}

function commandsOf(program: Command): readonly string[] {
  return program.commands.map(each => each.name()).filter(name => !name.startsWith('_'))
}

function startingWith(prefix: string, words: readonly string[]): readonly string[] {
  return words.filter(word => word.startsWith(prefix))
}

async function namesOf(session: Session): Promise<readonly string[]> {
  const { client } = await session.connect()
  const options = { namespace: await session.namespace(), signal: AbortSignal.timeout(TIMEOUT_MS) }
  const [nodes, pools] = await Promise.all([client.list(seiNodes, options), client.list(seiNodePools, options)])
  return [...nodes.items, ...pools.items].map(({ metadata }) => metadata.name).toSorted()
}
