/** Tags as a sentence has them: `tagsOf`. */

/** `tag Network=pacific-1`, `tags Network=pacific-1, Role=seed`. */
export function tagsOf({ tags }: { readonly tags: Readonly<Record<string, string>> }): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  return `${pairs.length === 1 ? 'tag' : 'tags'} ${pairs.join(', ')}`
}
