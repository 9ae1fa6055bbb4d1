/** References to variables in a container's command, arguments and variables: `expanded` reads them as kubelet does. */

/** `$(NAME)` is the variable's value where there is one and stays as it is elsewhere; `$$` is one dollar sign. */
export function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? (variables[name] ?? '') : found
  })
}
