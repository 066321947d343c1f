/** One part of an image as a registry keeps it: compressed. */
export type Layer = { readonly digest: string; readonly bytes: number };

/** While it pulls, an engine keeps the packed layers beside what it unpacks of them: programs are packed to about half. */
const unpackingFactor = 3;

/** What a host must pull that holds `held` already: layers that images share are pulled once. */
export function pullBytes(wanted: readonly Layer[], held: readonly Layer[]): number {
  const known = new Set(held.map(({ digest }) => digest));
  return wanted.reduce((sum, { digest, bytes }) => (known.has(digest) ? sum : sum + bytes), 0);
}

/** So much of the disk must be free for it. */
export const diskNeedBytes = (pulled: number): number => unpackingFactor * pulled;
