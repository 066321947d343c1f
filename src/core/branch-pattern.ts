/** What a pattern matched: the developer's name where it has `{user}`. */
export type BranchMatch = { readonly user?: string };

const userName = /^[A-Za-z0-9._-]{1,63}$/;

/**
 * Matches a branch by segments: `*` stands for any text within a segment, `**` for one or more whole segments, `{user}`
 * for one segment that names a developer. Both texts come from people's repositories, so no regular expression is made
 * of them, and only the last `**` (and `*`) is ever gone back to: at most pattern length x branch length comparisons.
 */
export function matchBranch(pattern: string, branch: string): BranchMatch | undefined {
  const parts = pattern.split("/");
  const segments = branch.split("/");
  let match: BranchMatch = {};
  let [at, restartAt, restartFrom] = [0, -1, 0];
  for (let position = 0; position < segments.length; ) {
    const part = parts[at];
    const segment = segments[position] ?? "";
    const isAnyDepth = part === "**";
    if (part !== undefined && (isAnyDepth || matchesSegment(part, segment))) {
      if (part === "{user}") match = { user: segment };
      at++;
      position++;
      if (isAnyDepth) [restartAt, restartFrom] = [at, position];
    } else if (restartAt >= 0) {
      at = restartAt;
      position = ++restartFrom;
    } else return undefined;
  }
  return at === parts.length ? match : undefined;
}

const matchesSegment = (part: string, segment: string): boolean =>
  part === "{user}" ? userName.test(segment) : matchesText(part, segment);

function matchesText(pattern: string, text: string): boolean {
  let [at, star, starAt] = [0, -1, 0];
  for (let position = 0; position < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      starAt = position;
    } else if (at < pattern.length && pattern[at] === text[position]) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++starAt;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
