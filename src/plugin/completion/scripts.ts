/** Scripts that make a shell complete `kubectl-sei`, and kubectl complete `kubectl sei`: `COMPLETION_SCRIPTS`. */

export type Shell = 'bash' | 'zsh' | 'fish' | 'kubectl'

/** Each asks `kubectl-sei __complete -- WORDS`, of which the last is the one to complete. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_kubectl_sei() {
  local IFS=$'\\n'
  COMPREPLY=($(kubectl-sei __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o nosort -F _kubectl_sei kubectl-sei`,
  zsh: `#compdef kubectl-sei
_kubectl_sei() {
  local -a found
  found=("\${(@f)$(kubectl-sei __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -Q -- $found
}
compdef _kubectl_sei kubectl-sei`,
  fish: `complete --command kubectl-sei --no-files --arguments '(kubectl-sei __complete -- (commandline --cut-at-cursor --tokenize)[2..] (commandline --current-token | string collect --allow-empty))'`,
  // kubectl runs a program of this name, and reads a line that begins with a colon as flags: 4 is no file names.
  kubectl: `#!/bin/sh
kubectl-sei __complete -- "$@" 2>/dev/null
echo :4`,
}

export const SHELLS = ['bash', 'zsh', 'fish', 'kubectl'] as const satisfies readonly Shell[]
