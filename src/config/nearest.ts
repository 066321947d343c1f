import { distance } from "fastest-levenshtein";

const nearEnough = 3;

/** The word that was probably meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 100) return undefined;
  const best = known.map((other) => ({ other, far: distance(word, other) })).sort((a, b) => a.far - b.far)[0];
  return best && best.far <= Math.min(nearEnough, Math.ceil(word.length / 2)) ? best.other : undefined;
}

/** ` Did you mean "Z"?`, or nothing. */
export function hint(word: unknown, known: readonly string[]): string {
  const near = typeof word === "string" ? nearest(word, known) : undefined;
  return near ? `. Did you mean "${near}"?` : "";
}
