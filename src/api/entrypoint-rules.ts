/** Requires that any entrypoint uses the data volume as seid's home: `homeRules` for the API server, `refusedHome` for stored objects. */
import type { GuardedField } from './guarded-rules.ts'

interface Command {
  readonly command?: readonly string[]
  readonly args?: readonly string[]
}

/** The mount paths of the data volume. */
const HOMES = ['/sei', '/sei/', '/home/sei/.sei', '/home/sei/.sei/']

// Matches the home in a shell script, where it is one word of a longer text. A string, because the source of a RegExp has a
// backslash before each slash, and the API server computes a rule's cost from the length of its pattern.
const ALLOWED = String.raw`--home(=|\s+)["']?(/|/home/sei/\.)sei["'/]*([\s;&|)]|$)`

const MESSAGE =
  'entrypoint must leave --home at /sei, or leave it out: that is where the data volume is, which the sidecar prepares; what is elsewhere is lost with the pod'

/**
 * Two rules, because one would exceed the API server's cost limit.
 * @param spec path of the spec that holds `entrypoint`, from the object's root
 */
export function homeRules(spec: string): readonly GuardedField[] {
  const field = `${spec}.entrypoint`
  return ['command', 'args'].map(words => ({
    field,
    message: MESSAGE,
    allows: (entrypoint, unchanged) => {
      const checks = [`(!has(${entrypoint}.${words}) || ${inWords(`${entrypoint}.${words}`)})`]
      if (words === 'args') checks.push(atEnds(`${entrypoint}.command`, `${entrypoint}.args`))
      return `(${checks.join(' && ')}) || ${unchanged()}`
    },
  }))
}

// The home of a command that ends in --home is the first argument.
function atEnds(command: string, args: string): string {
  const across = `(!has(${command}) || ${command}[size(${command}) - 1] != "--home" || (has(${args}) && size(${args}) > 0 && ${args}[0] in ${homes}))`
  const last = `(!has(${args}) || size(${args}) == 0 || ${args}[size(${args}) - 1] != "--home")`
  return `${across} && ${last}`
}

const homes = JSON.stringify(HOMES)

function inWords(words: string): string {
  const script = `(!w.contains("--home") || w.matches(${JSON.stringify(ALLOWED)}))`
  const each = `${words}.all(w, w == "--home" || ${script})`
  const follows = (position: string): string =>
    `(${position} == -1 || ${position} + 1 == size(${words}) || ${words}[${position} + 1] in ${homes})`
  return `(${each} && ${follows(`${words}.indexOf("--home")`)} && ${follows(`${words}.lastIndexOf("--home")`)})`
}

/** The message that the rules give for a stored object. */
export function refusedHome({ command = [], args = [] }: Command): string | undefined {
  const words = [...command, ...args]
  const isWrong = words.some((word, i) =>
    word === '--home'
      ? !HOMES.includes(words[i + 1] ?? '')
      : word.includes('--home') && !new RegExp(ALLOWED).test(word),
  )
  return isWrong ? MESSAGE : undefined
}
