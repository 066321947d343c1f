/** What a pattern matched: the developer's name where it has `{user}`. */
export type BranchMatch = { readonly user?: string };

const userName = /^[A-Za-z0-9._-]{1,63}$/;

/**
 * Matches a branch by segments: `*` stands for any text within a segment, `**` for any number of segments, `{user}`
 * for one segment that names a developer. No regular expression is made from either text, so neither can be hostile.
 */
export function matchBranch(pattern: string, branch: string): BranchMatch | undefined {
  return matchSegments(pattern.split("/"), branch.split("/"), {});
}

function matchSegments(
  pattern: readonly string[],
  branch: readonly string[],
  match: BranchMatch,
): BranchMatch | undefined {
  const [head, ...rest] = pattern;
  if (head === undefined) return branch.length === 0 ? match : undefined;
  if (head === "**") return matchAnyDepth(rest, branch, match);
  const [segment, ...others] = branch;
  if (segment === undefined) return undefined;
  if (head === "{user}") return userName.test(segment) ? matchSegments(rest, others, { user: segment }) : undefined;
  return matchText(head, segment) ? matchSegments(rest, others, match) : undefined;
}

/** `**` takes at least one segment: `feature/**` is not the branch `feature`. */
function matchAnyDepth(
  rest: readonly string[],
  branch: readonly string[],
  match: BranchMatch,
): BranchMatch | undefined {
  if (rest.length === 0) return branch.length > 0 ? match : undefined;
  for (let taken = 1; taken <= branch.length; taken++) {
    const found = matchSegments(rest, branch.slice(taken), match);
    if (found) return found;
  }
  return undefined;
}

/** Linear: only the last `*` is ever gone back to. */
function matchText(pattern: string, text: string): boolean {
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
