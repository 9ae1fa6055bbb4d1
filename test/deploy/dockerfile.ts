/** The Dockerfile's last stage, which is the image: `readImage`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../testing/root.ts'

export interface Image {
  readonly base: string
  readonly user: string
  readonly workdir: string
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** Where each file comes from: `stage:path`, or `path` for one of the repository. */
  readonly files: readonly string[]
  /** Instructions in their order, continued lines in one. */
  readonly instructions: readonly Instruction[]
}

interface Instruction {
  readonly name: string
  readonly value: string
}

export function readImage(): Image {
  const all = instructionsOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
  const args = new Map(all.filter(({ name }) => name === 'ARG').map(({ value }) => splitOnce(value)))
  const instructions = all.slice(all.findLastIndex(({ name }) => name === 'FROM'))
  const only = (name: string): string => {
    const [found, ...others] = instructions.filter(instruction => instruction.name === name)
    if (found === undefined || others.length > 0) throw new Error(`Dockerfile: expected one ${name} in its last stage`)
    return found.value
  }
  const words = (name: string): readonly string[] => {
    const found: readonly string[] = JSON.parse(only(name))
    return found
  }
  return {
    base: only('FROM').replace(/\$\{(\w+)\}/, (_, name: string) => args.get(name) ?? ''),
    user: only('USER'),
    workdir: only('WORKDIR'),
    entrypoint: words('ENTRYPOINT'),
    cmd: words('CMD'),
    files: instructions.filter(({ name }) => name === 'COPY').flatMap(({ value }) => sourcesOf(value)),
    instructions,
  }
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  return lines
    .filter(line => line.trim() !== '')
    .map(line => {
      const [name = '', ...rest] = line.split(' ')
      return { name, value: rest.join(' ') }
    })
}

function sourcesOf(value: string): readonly string[] {
  const words = value.split(' ')
  const stage = words.find(word => word.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter(word => !word.startsWith('--')).slice(0, -1)
  return paths.map(path => (stage === undefined ? path : `${stage}:${path}`))
}

function splitOnce(assignment: string): readonly [string, string] {
  const [name = '', ...value] = assignment.split('=')
  return [name, value.join('=')]
}
