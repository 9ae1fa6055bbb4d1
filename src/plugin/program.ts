/** The command line: `buildProgram` has all commands with their options. */
import { Command, InvalidArgumentError, Option, Argument } from 'commander'
import { VERSION } from '../cli/version.ts'
import { EXIT_CODES, type ExitCode } from './exit-code.ts'
import type { GlobalOptions, Session } from './session.ts'
import { COLOR_MODES, type ColorMode } from './output/style.ts'
import { type Action, type ActionContext, type ActionOptions, runAction } from './act/action.ts'
import { prepareAcceptVolume } from './act/accept-volume.ts'
import { preparePause, prepareResume } from './act/pause.ts'
import { prepareRestart } from './act/restart.ts'
import { prepareRetry } from './act/retry.ts'
import { COMPLETION_SCRIPTS, type Shell, SHELLS } from './completion/scripts.ts'
import { type ConsoleOptions, runConsole } from './console/command.ts'
import { LOG_PARTS, type LogOptions, type LogPart, runLogs } from './logs.ts'
import { type PlanOptions, runPlan } from './plan/command.ts'
import { type ReportOptions, runReport } from './report/command.ts'
import { runStatus, type StatusOptions } from './status/command.ts'
import { runTree } from './tree/command.ts'
import { runVersion } from './version.ts'
import { runWait, type WaitOptions } from './wait.ts'

export type ProgramOptions = GlobalOptions & { readonly color?: ColorMode }

/** Runs a command with a session, and ends the program with what it returns. */
export type Run = (options: ProgramOptions, action: (session: Session) => Promise<ExitCode>) => Promise<void>

const NAME = 'a node or a pool; node/NAME or pool/NAME where both have the name'

export function buildProgram(run: Run): Command {
  const program = new Command('kubectl sei')
    .description('See and operate Sei nodes and pools, with your own kubeconfig and rights.')
    .version(`v${VERSION}`, '-V, --version', 'print the version of the plugin')
    .option('-n, --namespace <name>', 'namespace; default: that of the context')
    .option('--context <name>', 'context of the kubeconfig; default: the current one')
    .option('--kubeconfig <path>', 'kubeconfig; default: KUBECONFIG, then ~/.kube/config')
    .option('--operator-namespace <name>', "the operator's; default: sei-k8s-controller-system, then that of -n")
    .addOption(new Option('--color <when>', 'colours; auto: on a terminal, without NO_COLOR').choices(COLOR_MODES))
    .helpOption('-h, --help', 'explain the command')
    .helpCommand('help [command]', 'explain a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run with --help to see what is allowed.')
    .addHelpText('after', exitCodeHelp())
    .exitOverride()
  addViews(program, run)
  addActions(program, run)
  addTools(program, run)
  return program
}

function addViews(program: Command, run: Run): void {
  describe(program, 'status', 'Show all nodes and pools, or everything about one.')
    .argument('[name]', NAME)
    .option('-A, --all-namespaces', 'all namespaces')
    .addOption(outputOption())
    .option('-w, --watch', 'follow: redraw on a terminal, otherwise print lines that change')
    .action((name: string | undefined, options: StatusOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runStatus(session, name, options)),
    )
  describe(program, 'tree', 'Show a node or pool with everything that it owns.')
    .argument('<name>', NAME)
    .action((name: string, _options: unknown, self: Command) =>
      run(self.optsWithGlobals(), session => runTree(session, name)),
    )
  describe(program, 'plan', 'Show what would follow from manifests, without a change of anything.')
    .requiredOption('-f, --filename <file>', 'SeiNodes and SeiNodePools; -: standard input')
    .option('--field-manager <name>', 'who applies the manifests', 'kubectl')
    .addOption(outputOption())
    .action((options: PlanOptions, self: Command) => run(self.optsWithGlobals(), session => runPlan(session, options)))
  describe(program, 'logs', 'Print the log of a node, or of the Job of a pool.')
    .argument('<name>', NAME)
    .addArgument(new Argument('[part]', 'default: seid if it has started, else what runs before it').choices(LOG_PARTS))
    .option('-f, --follow', 'print new lines as they come')
    .option('-p, --previous', 'of the start before')
    .option('--tail <lines>', 'only the last lines', wholeNumber)
    .action((name: string, part: LogPart | undefined, options: LogOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runLogs(session, name, part, options)),
    )
  describe(program, 'console', 'Show nodes and pools live in the browser: serves a page on this machine, until Ctrl-C.')
    .option('-A, --all-namespaces', 'all namespaces')
    .option('--port <number>', 'of 127.0.0.1; 0: any that is free', wholeNumber, 0)
    .action((options: ConsoleOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runConsole(session, options)),
    )
  describe(program, 'wait', 'Wait for a node or pool, with progress. Ends early if it is stalled.')
    .argument('<name>', NAME)
    .requiredOption('--for <goal>', 'ready, stalled, or height=HEIGHT')
    .option('--timeout <duration>', 'such as 90s, 30m or 2h; 0: none', '30m')
    .action((name: string, options: WaitOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runWait(session, name, options)),
    )
}

type Prepare = (context: ActionContext) => Promise<Action> | Action

function addActions(program: Command, run: Run): void {
  const add = (name: string, description: string, prepare: Prepare): void => {
    withActionOptions(describe(program, name, description).argument('<name>', NAME)).action(
      (reference: string, options: ActionOptions, self: Command) =>
        run(self.optsWithGlobals(), session => runAction(session, reference, options, prepare)),
    )
  }
  add('retry', 'Resume a failed plan at its failed task, or make the failed Jobs of a pool again.', prepareRetry)
  add('pause', 'Keep the operator from changing anything; pods keep running.', preparePause)
  add('resume', 'End a pause.', prepareResume)
  add('restart', 'Restart seid of a node, or of the nodes of a pool one after the other.', prepareRestart)
  const accept = describe(program, 'accept-volume', 'Consent to another volume than the one on record.')
    .argument('<name>', NAME)
    .argument('[value]', 'what you accept: UID, lost:UID or unsigned:UID; default: what is waited for')
  withActionOptions(accept).action(
    (reference: string, value: string | undefined, options: ActionOptions, self: Command) =>
      run(self.optsWithGlobals(), session =>
        runAction(session, reference, options, context => prepareAcceptVolume(context, value, options.yes === true)),
      ),
  )
}

function addTools(program: Command, run: Run): void {
  describe(program, 'report', 'Write a zip file for a bug report: manifests, events, logs; no secrets.')
    .argument('[name]', `${NAME}; default: the whole namespace`)
    .option('-o, --output <file>', 'default: sei-report-NAMESPACE-NAME-TIME.zip')
    .action((name: string | undefined, options: ReportOptions, self: Command) =>
      run(self.optsWithGlobals(), session => runReport(session, name, options)),
    )
  describe(program, 'version', 'Print the version of the plugin, and of the operator if it can be read.')
    .option('--client', 'only of the plugin')
    .addOption(outputOption())
    .action((options: Parameters<typeof runVersion>[1], self: Command) =>
      run(self.optsWithGlobals(), session => runVersion(session, options)),
    )
  describe(program, 'completion', 'Print the script that completes command lines in a shell, or for kubectl.')
    .addArgument(new Argument('<shell>', 'kubectl: the program kubectl_complete-sei').choices(SHELLS))
    .action((shell: Shell, _options: unknown, self: Command) =>
      run(self.optsWithGlobals(), ({ io }) => {
        io.print(COMPLETION_SCRIPTS[shell])
        return Promise.resolve(EXIT_CODES.ok)
      }),
    )
}

function describe(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpOption('-h, --help', 'explain the command')
}

function withActionOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask; needed without a terminal')
    .option('--no-wait', 'return when the request is made')
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'print data').choices(['json', 'yaml'])
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number, 0 or more.')
  return Number(text)
}

function exitCodeHelp(): string {
  const { failed, usage, stalled, timeout, interrupted } = EXIT_CODES
  return `
Exit codes: 0 done, ${failed} failed, ${usage} wrong usage or not confirmed, ${stalled} stalled: a person is needed, ${timeout} timeout, ${interrupted} interrupted.
`
}
