/** What ends a word where a secret may be one: an address with a password in a log line, a value in JSON. */
const wordEnd = /[\s"'`]/;

/**
 * The first words of a text that is longer than that. The word at the cut is left out, as the mask knows no half of a
 * secret; a text that is one word is left out altogether.
 */
export function firstWords(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = limit;
  while (end > 0 && !wordEnd.test(text.charAt(end))) end--;
  return text.slice(0, end);
}

/** The same of its end. */
export function lastWords(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let start = text.length - limit;
  while (start < text.length && !wordEnd.test(text.charAt(start - 1))) start++;
  return text.slice(start);
}
