/** HTML as values: the tag `html`, which escapes what is put into it, and `Parts`, the parts of a page that change apart. Pure. */
import { html as escaped, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ObjectName } from './scene.ts'

export type Html = HtmlEscapedString

type Value = string | number | Html | undefined | false | readonly Value[]

/** Strings are escaped, undefined and false are left out, lists are joined. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const made = escaped(compact(strings), ...values)
  if (made instanceof Promise) throw new TypeError('markup: a value is a promise')
  return made
}

export const NOTHING: Html = raw('')

/** By the template, of which each is in the program once. */
const COMPACT = new WeakMap<TemplateStringsArray, TemplateStringsArray>()

/** Without the indentation of the source, which is a third of a large page. */
function compact(strings: TemplateStringsArray): TemplateStringsArray {
  const known = COMPACT.get(strings)
  if (known) return known
  const short = strings.map(text => text.replaceAll(/\s*\n\s*/g, ' '))
  const made = Object.assign(short, { raw: short })
  COMPACT.set(strings, made)
  return made
}

/** What was drawn of a page. */
export interface Drawn {
  readonly title: string
  /** The page with a mark in the place of each part. */
  readonly skeleton: string
  readonly parts: ReadonlyMap<string, string>
}

/** Collects the parts while a page is drawn. Parts do not nest. */
export class Parts {
  readonly #parts = new Map<string, string>()

  /** @param content one element, whose id attribute is `id` */
  add(id: string, content: Html): Html {
    this.#parts.set(id, content.toString())
    return raw(`<!--${id}-->`)
  }

  draw(title: string, skeleton: Html): Drawn {
    return { title, skeleton: skeleton.toString(), parts: this.#parts }
  }
}

/** The id of the part of an object. */
export function partId(kind: string, { namespace = '', name }: ObjectName): string {
  return `${kind}:${namespace}/${name}`
}

export function whole({ skeleton, parts }: Drawn): string {
  return skeleton.replaceAll(/<!--(.*?)-->/g, (_, id: string) => parts.get(id) ?? '')
}

/** What makes `before` into `after`, as the browser takes it: the parts that differ, or the whole. Undefined if nothing does. */
export function difference(before: Drawn, after: Drawn): string | undefined {
  if (before.skeleton !== after.skeleton) return whole(after)
  const changed = [...after.parts].filter(([id, text]) => before.parts.get(id) !== text)
  if (changed.length === 0) return undefined
  return changed.map(([id, text]) => `<hx-partial id="${id}" hx-swap="outerMorph">${text}</hx-partial>`).join('\n')
}
