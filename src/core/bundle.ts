/** What a person needs to understand why a host failed, kept when it did. */
export type BundlePart = { readonly title: string; readonly text: string; readonly limitBytes: number };

/** Parts under headings, each cut to its limit; `# ` at the start of a line is a heading. */
export const bundleText = (parts: readonly BundlePart[]): string =>
  parts.map(({ title, text, limitBytes }) => `# ${title}\n\n${cutTo(text.trimEnd(), limitBytes)}\n`).join("\n");

/** One container and where it runs, as far as it can differ from another's. */
export type ContainerFacts = {
  readonly host: string;
  readonly release: number;
  readonly digest: string;
  readonly engine: string;
  /** Names only. */
  readonly environment: readonly string[];
  readonly mounts: readonly string[];
  readonly ports: readonly string[];
};

/** A line for each thing in which the failed one differs from its healthy peer. */
export function differencesOf(failed: ContainerFacts, peer: ContainerFacts): readonly string[] {
  const one = (what: string, mine: string, its: string) =>
    mine === its ? [] : [`${what}: ${mine} here, ${its} on ${peer.host}`];
  const several = (what: string, mine: readonly string[], its: readonly string[]) => [
    ...only(mine, its).map((item) => `${what}: ${item} only here`),
    ...only(its, mine).map((item) => `${what}: ${item} only on ${peer.host}`),
  ];
  return [
    ...one("release", `r${failed.release}`, `r${peer.release}`),
    ...one("image", failed.digest, peer.digest),
    ...one("engine", failed.engine, peer.engine),
    ...several("environment", failed.environment, peer.environment),
    ...several("mount", failed.mounts, peer.mounts),
    ...several("port", failed.ports, peer.ports),
  ];
}

const only = (mine: readonly string[], its: readonly string[]) => mine.filter((item) => !its.includes(item));

const cutWords = "\n(cut here)";

function cutTo(text: string, limitBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limitBytes) return text;
  // A character that is cut in two decodes to one that says so.
  return new TextDecoder().decode(bytes.subarray(0, limitBytes - cutWords.length)) + cutWords;
}
