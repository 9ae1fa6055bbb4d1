/** Replaces what looks like a secret in a text: `redactText`. Pure. Rather too much than too little. */
import { stripVTControlCharacters } from 'node:util'

export const MARKER = '[redacted]'

/** `"`, `'`, or a quote that is escaped in a quoted text. */
const QUOTE = String.raw`\\*["']`

/** Not `validator.signingKey` of a SeiNode, which names a Secret. */
const SIGNING_KEY = String.raw`(?<!validator\.)signing[_-]?key(?!(?:${QUOTE})?[ \t]*:[ \t]*\{(?:${QUOTE})?secretName)`

/** In names whose values are secret, in any case; `_`, `-` or nothing between the words. */
const SECRET_WORDS = [
  'passwords?',
  'passwd',
  'pass[_ -]?phrase',
  'secrets?',
  'token',
  'mnemonics?',
  'seed[_ -]?(?:phrase|words)',
  'priv(?:ate)?[_ -]?key(?:[_-]?(?:data|hex|armor|value))?',
  'client[_-]?key[_-]?data',
  'api[_-]?key',
  'access[_-]?key(?:[_-]?id)?',
  'secret[_-]?key',
  SIGNING_KEY,
  '(?:encryption|hmac|master)[_-]?key',
  'credentials?',
  'authorization',
  'cookie',
].join('|')

const SECRET_NAME = new RegExp(`${SECRET_WORDS}|pass(?:wd)?$|(?:^|[._-])(?:pwd|auth)$`, 'i')
/** Names that end so say where a secret is, or something about it. */
const ABOUT_SECRET = /(?:file|path|dir|name|namespace|ref|kind|type|version|ttl|seconds|enabled)$/i

/** Whether the value of a variable, flag or field of that name is secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !ABOUT_SECRET.test(name)
}

interface Rule {
  readonly pattern: RegExp
  /** Keeps what is no secret of the match. */
  readonly replace: (match: string, ...groups: string[]) => string
}

/** The first group stays, the rest of the match goes. */
const keepFirst = (_match: string, kept: string): string => `${kept}${MARKER}`
const all = (): string => MARKER

/** What stands after a name: a quoted text, an object or list in JSON or Go, or a word. `null`, booleans and a parameter of a shell script tell nothing. */
const VALUE = [
  String.raw`\\+"(?:[^"\\\n]|\\+[^"\\\n])*\\*"?`,
  String.raw`"(?:[^"\\\n]|\\.)*"?`,
  String.raw`'[^'\n]*'?`,
  String.raw`[\w.]*\{[^{}]*\}?`,
  String.raw`\[[^\]\n]*\]?`,
  String.raw`(?!(?:true|false|null|nil|none|<nil>)\b|\$\d(?![^\s\\"']))[^\s,;"'&)}\]\\]+`,
].join('|')

/** Follows a name whose value is replaced already. */
const DONE = String.raw`[ \t]*(?:${QUOTE})?\[redacted\]`

const PEM_LABEL = '[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}'

/** A node id, which logs show as the user of an address: tcp://ID@HOST:PORT. */
const NODE_ID = /^[0-9a-fA-F]{40}$/

const RULES: readonly Rule[] = [
  {
    // A log that was cut has only the beginning or the end of a key.
    pattern: new RegExp(
      String.raw`-----BEGIN ${PEM_LABEL}-----(?:(?:(?!-----)[\s\S]){0,10000}-----END ${PEM_LABEL}-----|(?:(?:\s|\\n)*[A-Za-z0-9+/=]{16,100})*)`,
      'g',
    ),
    replace: all,
  },
  {
    pattern: new RegExp(
      String.raw`(?:^[\t ]*[A-Za-z0-9+/=]{16,100}[\t ]*\r?\n){0,60}^[\t ]*-----END ${PEM_LABEL}-----`,
      'gm',
    ),
    replace: all,
  },
  // Twelve words of a mnemonic or more. Sentences have shorter words, commas or capitals in between.
  { pattern: /(?<![\w-])(?:[a-z]{3,8}[ \t,]{1,3}){11,}[a-z]{3,8}(?![\w-])/g, replace: all },
  {
    pattern: new RegExp(
      String.raw`(mnemonics?(?:[_ ]?phrase)?(?:${QUOTE})?[ \t]*[:=](?!${DONE})[ \t]*)(?:${QUOTE}[^"'\n]*(?:${QUOTE})?|[^\n]+)`,
      'gi',
    ),
    replace: keepFirst,
  },
  // The value of a Tendermint key whose name a cut log lacks.
  {
    pattern: new RegExp(
      String.raw`(PrivKey\w*(?:${QUOTE})?\s*,\s*(?:${QUOTE})?value(?:${QUOTE})?\s*:\s*)(?:${VALUE})`,
      'gi',
    ),
    replace: keepFirst,
  },
  // 64 bytes in base64: an ed25519 key, or a signature, which nobody misses.
  { pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, replace: all },
  {
    pattern:
      /\b(authorization(?:\\*["'])?[ \t]*[:=](?![ \t]*\[redacted\])[ \t]*)[[\\"']*(?:(?:bearer|basic|token|digest)\s+)?[^\s"'\\\],]+/gi,
    replace: keepFirst,
  },
  { pattern: /\b((?:bearer|basic)[ \t]+)(?=[\w.~+/=-]{0,100}[\d.~+/=_-])[\w.~+/-]{8,}=*/gi, replace: keepFirst },
  { pattern: /\beyJ[\w-]{8,}(?:\.[\w-]*)+/g, replace: all },
  { pattern: /\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b/g, replace: all },
  {
    pattern: /\b(?:gh[opusr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|AIza[\w-]{35})/g,
    replace: all,
  },
  {
    pattern: /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#"'<>\\]{1,2000})@/gi,
    replace: (match, scheme = '', user = '') => (NODE_ID.test(user) ? match : `${scheme}${MARKER}@`),
  },
  {
    pattern:
      /((?:[?&;]|\\u0026|%26)(?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|GoogleAccessId|Signature|sig|key|auth|jwt|code)=)[^&\s"'\\<>;]+/gi,
    replace: keepFirst,
  },
  // Command lines: --password x, --api-key=x
  {
    pattern: new RegExp(
      String.raw`((?:^|\s)--?(?:[\w-]{0,60}[-_])?(?:${SECRET_WORDS}|pass|pwd)(?!${DONE})(?:=(?!${DONE})|[ \t]+))(?!-)(?:${VALUE})`,
      'gi',
    ),
    replace: keepFirst,
  },
  // password=x, DB_PASS=x, "secretAccessKey": "x", priv_key:{...}
  {
    pattern: new RegExp(
      String.raw`((?:${SECRET_WORDS}|["'._-](?:pass|pwd)|PGPASS)(?:${QUOTE})?[ \t]*[:=]>?(?!${DONE})[ \t]*)(?:${VALUE})`,
      'gi',
    ),
    replace: keepFirst,
  },
]

/** The same text with `[redacted]` in place of secrets. Redacting twice changes nothing. */
export function redactText(text: string): string {
  // seid's colours stand between names and values.
  const plain = stripVTControlCharacters(text)
  return RULES.reduce((redacted, { pattern, replace }) => redacted.replaceAll(pattern, replace), plain)
}
