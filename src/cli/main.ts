/** The program's entry point: reads the command line and the environment once, and runs the command. */
import { Command, Option } from 'commander'
import { EnvironmentError, PLATFORM_VARIABLES, readPlatform } from './environment.ts'
import { REFUSED_EXIT_CODE } from '../build/pool/job.ts'
import { type GenesisPatch, genesisPatch } from './genesis-patch.ts'
import { type FlagName, MANAGER_FLAGS, readManagerOptions } from './manager-options.ts'
import { VERSION } from './version.ts'

const USAGE_ERROR = 2
const EXIT_MS = 5_000

const program = new Command('sei-k8s-controller')
  .description('Kubernetes operator for the full lifecycle of Sei blockchain nodes.')
  .version(VERSION, '--version', 'print the version')
  .helpOption('--help', 'explain the command')
  .helpCommand('help [command]', 'explain a command')
  .showHelpAfterError('Run with --help to see what is allowed.')
  .configureOutput({ outputError: (text, write) => write(`sei-k8s-controller: ${text}`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_ERROR))

const manager = program
  .command('manager')
  .description('Run the operator: bring every SeiNode and SeiNodePool to what its spec says, and keep it there.')
  .helpOption('--help', 'explain the command')
  .allowUnknownOption()
  .allowExcessArguments()
  .addHelpText('after', environmentHelp())
  .action(startManager)
for (const { name, value, default: fallback, meaning } of MANAGER_FLAGS) {
  // Boolean flags of Go need no value for true, and manifests use them so.
  const flags = `--${name} ${value === 'true|false' ? `[${value}]` : `<${value}>`}`
  manager.addOption(new Option(flags, withDefault(meaning, fallback)))
}

program
  .command('genesis')
  .description('Steps of the genesis ceremony of a SeiNodePool.')
  .helpOption('--help', 'explain the command')
  .helpCommand('help [command]', 'explain a command')
  .command('patch')
  .description("Set a pool's parameters and the list of validators in the genesis file that a ceremony has made.")
  .helpOption('--help', 'explain the command')
  .requiredOption('--dir <directory>', 'the genesis volume')
  .requiredOption(
    '--params <json>',
    'values by dotted path, as in spec.genesis.params; may be repeated',
    (part: string, parts: readonly string[] | undefined) => [...(parts ?? []), part],
  )
  .addHelpText('after', `\nExits with ${REFUSED_EXIT_CODE} where no retry helps: a path or a value is wrong.\n`)
  .action(patchGenesis)

/** By name in camel case; true for a flag without a value. */
type Given = Partial<Record<string, string | true>>

await program.parseAsync()

async function startManager(given: Given): Promise<void> {
  const problems = manager.args.map(text => `unknown argument ${text}`)
  const options = readManagerOptions(flagsOf(given), problems)
  const platform = platformOr(problems)
  if (!options || !platform || problems.length > 0) {
    return manager.error(`cannot start: ${problems.join('; ')}`, { exitCode: USAGE_ERROR })
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)))
  const { runManager } = await import('./manager.ts')
  try {
    await runManager(options, platform, process.env, stop.signal)
  } catch (error) {
    process.stderr.write(`sei-k8s-controller: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
    // Open handles must not keep an idle process alive.
    setTimeout(() => process.exit(1), EXIT_MS).unref()
  }
}

function patchGenesis(given: GenesisPatch): void {
  const { exitCode, message } = genesisPatch(given)
  if (exitCode === 0) process.stdout.write(`${message}\n`)
  else process.stderr.write(`sei-k8s-controller: ${message}\n`)
  process.exitCode = exitCode
}

/** The platform's settings; problems are added to `problems`. */
function platformOr(problems: string[]): ReturnType<typeof readPlatform> | undefined {
  try {
    return readPlatform(process.env)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    problems.push(error.message)
    return undefined
  }
}

// commander spells the flag leader-elect as leaderElect.
function flagsOf(given: Given): Partial<Record<FlagName, string>> {
  return Object.fromEntries(
    MANAGER_FLAGS.flatMap(({ name }) => {
      const value = given[name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
}

function withDefault(meaning: string, fallback: string): string {
  return fallback === '' ? meaning : `${meaning} (default: ${fallback})`
}

function environmentHelp(): string {
  const rows = Object.values(PLATFORM_VARIABLES).map(
    ({ name, default: fallback, meaning }) => `  ${name.padEnd(26)}${withDefault(meaning, fallback)}`,
  )
  return `\nEnvironment:\n${rows.join('\n')}\n`
}
