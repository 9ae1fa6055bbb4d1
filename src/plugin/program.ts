/** The command line: `buildProgram` has all commands with their options. */
import { Command, Option } from 'commander'
import { EXIT_CODES, type ExitCode } from './exit-code.ts'
import type { GlobalOptions, Session } from './session.ts'
import { COLOR_MODES, type ColorMode } from './output/style.ts'
import { runStatus, type StatusOptions } from './status/command.ts'

export type ProgramOptions = GlobalOptions & { readonly color: ColorMode }

/** Runs a command with a session, and ends the program with what it returns. */
export type Run = (options: ProgramOptions, action: (session: Session) => Promise<ExitCode>) => Promise<void>

const NAME = 'NAME of a node or pool; node/NAME or pool/NAME where both exist'

export function buildProgram(run: Run): Command {
  const program = new Command('kubectl sei')
    .description('See and operate Sei nodes and pools, with your own kubeconfig and rights.')
    .helpOption('-h, --help', 'explain the command')
    .helpCommand('help [command]', 'explain a command')
    .showHelpAfterError('Run with --help to see what is allowed.')
    .addHelpText('after', exitCodeHelp())
    .exitOverride()
  const command = (usage: string, description: string): Command =>
    program.command(usage).description(description).helpOption('-h, --help', 'explain the command')
  withOptions(command('status', 'Show all nodes and pools, or everything about one.'), true)
    .argument('[name]', NAME)
    .addOption(new Option('-o, --output <format>', 'print data instead').choices(['json', 'yaml']))
    .option('-w, --watch', 'follow: redraw on a terminal, otherwise print lines that change')
    .action((name: string | undefined, options: StatusOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runStatus(session, name, options)),
    )
  return program
}

/** Every command takes these, where a user of kubectl writes them. */
function withOptions(command: Command, hasAll = false): Command {
  command
    .option('-n, --namespace <name>', 'namespace; default: that of the context')
    .option('--context <name>', 'context of the kubeconfig; default: the current one')
    .option('--kubeconfig <path>', 'kubeconfig; default: KUBECONFIG, then ~/.kube/config')
    .addOption(new Option('--color <when>', 'colours: NO_COLOR turns them off').choices(COLOR_MODES).default('auto'))
  return hasAll ? command.option('-A, --all-namespaces', 'all namespaces') : command
}

function exitCodeHelp(): string {
  const { failed, usage, stalled, timeout } = EXIT_CODES
  return `
Exit codes: 0 done, ${failed} failed, ${usage} wrong usage or no confirmation, ${stalled} the object is stalled and a person is needed, ${timeout} timeout.
`
}
