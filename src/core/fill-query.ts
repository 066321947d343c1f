import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";

/** What the placeholders of a canary's query stand for. */
export type QueryScene = { readonly hosts: readonly HostSpec[]; readonly release: Release };

/**
 * The query with `{{ hosts }}` and `{{ addresses }}` as alternatives of a regular expression (`web-1|web-2`), and with
 * `{{ release }}` and `{{ commit }}`. Anything else in braces is left to PromQL.
 */
export function fillQuery(query: string, { hosts, release }: QueryScene): string {
  const values: Readonly<Record<string, string>> = {
    hosts: hosts.map(({ name }) => literally(name)).join("|"),
    addresses: hosts.map(({ address }) => literally(address)).join("|"),
    release: String(release.number),
    commit: release.commit.sha,
  };
  return query.replaceAll(/\{\{ *(hosts|addresses|release|commit) *\}\}/g, (_, name: string) => values[name] ?? "");
}

/** A class, as a backslash would have to be written twice in a string of PromQL. */
const literally = (text: string): string => text.replaceAll(/[.+*?()[\]{}|^$\\]/g, "[$&]");
