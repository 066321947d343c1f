import type { SourceSpec } from "#core/fleet.ts";
import type { Commit } from "#core/release.ts";

/** A git repository that is watched. */
export interface Source {
  /**
   * The present head of every branch (all of them; the caller filters): branch name -> full SHA.
   * Fails: source.unreachable (with git's own last lines, redacted), deadline.exceeded.
   */
  heads(source: SourceSpec, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * `directory` (made if missing, emptied if not) holds exactly the tree of the commit, with submodules if there are
   * any, and nothing else; no credential is left in it. Resolves with what the commit says of itself.
   * Fails: source.unreachable, source.commit-missing, disk.full.
   */
  checkout(
    source: SourceSpec,
    want: { sha: string; branch: string },
    directory: string,
    signal: AbortSignal,
  ): Promise<Commit>;
}
