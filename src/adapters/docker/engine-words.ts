import type { ErrorCode } from "#core/errors.ts";

/**
 * The engine says most failures of a start or a pull with one status (500) and words of the program below it; these
 * are the words, recorded from Docker 20.10. The first row that matches decides.
 */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/no space left on device|disk quota exceeded/i, "disk.full"],
  [/port is already allocated|address already in use/i, "container.port-taken"],
  [
    /unauthorized|authentication required|no basic auth credentials|access denied|denied:|incorrect username or password|forbidden/i,
    "registry.refused",
  ],
  [
    /manifest unknown|manifest for .* not found|no such image|name unknown|not known to registry|: not found/i,
    "image.missing",
  ],
  [
    /dial tcp|connection refused|connection reset|no such host|i\/o timeout|tls|x509|deadline exceeded|Client\.Timeout|EOF|HTTP response to HTTPS client|toomanyrequests|unexpected status code 5|received unexpected HTTP status: 5/i,
    "registry.unreachable",
  ],
];

/** The code for the engine's words about a pull, a push, a create or a start; undefined where they say none of those. */
export const meaningOf = (words: string): ErrorCode | undefined =>
  meanings.find(([pattern]) => pattern.test(words))?.[1];
