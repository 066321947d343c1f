import type { ImageWish } from "#ports/images.ts";

const shortShaLength = 12;
const tagLimit = 128;

export const commitTagOf = (sha: string): string => sha.slice(0, shortShaLength);

/** A branch's name as a legal tag. One that looks like a commit's tag gets a prefix: it must not take its place. */
export function branchTagOf(branch: string): string {
  const legal = branch.replaceAll(/[^a-zA-Z0-9_.-]/g, "-").replace(/^[.-]+/, "");
  const isTaken = legal === "" || new RegExp(`^[0-9a-f]{${shortShaLength}}$`).test(legal);
  return (isTaken ? `branch-${legal}` : legal).slice(0, tagLimit);
}

/** What an image is called and what it says of itself. */
export function imageMarks({ commit, source, args }: ImageWish, created: string) {
  return {
    commitTag: commitTagOf(commit.sha),
    branchTag: branchTagOf(commit.branch),
    labels: {
      "org.opencontainers.image.revision": commit.sha,
      "org.opencontainers.image.source": withoutCredentials(source),
      "org.opencontainers.image.version": commitTagOf(commit.sha),
      "org.opencontainers.image.created": created,
    },
    buildArgs: { ...args, SLIPWAY_COMMIT: commit.sha },
  };
}

/** `https://user:token@host/x` without the user; other forms (`git@host:x`, a path, a name) hold no password. */
export function withoutCredentials(source: string): string {
  return source.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
