import { type ErrorKind, errorCodes } from "#core/errors.ts";

/** `docs/reference/errors.md`: the registry of errors as a page. */
export const errorPage = (): string => [intro, ...kinds.map(section)].join("\n");

const kinds: readonly { readonly kind: ErrorKind; readonly title: string; readonly meaning: string }[] = [
  {
    kind: "refusal",
    title: "Refusals",
    meaning:
      "What was asked for is wrong, not allowed, or does not fit the state of things. Nothing was touched. Exit code 2.",
  },
  {
    kind: "failure",
    title: "Failures",
    meaning:
      "The world did not do what was asked of it. Kept with the build or rollout, with host, command and last lines. Exit code 1.",
  },
  {
    kind: "cancelled",
    title: "Ended on purpose",
    meaning: "Ended before it was done, by a person, a newer release or the clock.",
  },
  { kind: "fault", title: "Faults", meaning: "A mistake of Slipway's own. The server's log says more. Exit code 1." },
];

function section({ kind, title, meaning }: (typeof kinds)[number]): string {
  const rows = Object.entries(errorCodes)
    .filter(([, entry]) => entry.kind === kind)
    .map(([code, { sentence, advice }]) => `| \`${code}\` | ${cell(sentence)} | ${cell(advice)} |`);
  return [`## ${title}`, "", meaning, "", "| code | what it says | what to do |", "|---|---|---|", ...rows, ""].join(
    "\n",
  );
}

/** A word in angle brackets would be taken for HTML, a bar for the end of the cell. */
const cell = (text: string): string =>
  text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? `\`${part}\`` : part.replace(/</g, "&lt;")))
    .join("")
    .replace(/\|/g, "\\|");

const intro = `<!-- Written by scripts/write-error-page.ts; change src/core/errors.ts instead. -->
# Errors

Every error has a code, a message for a person, and advice. The command line prints them, the API answers them as
\`{ "error": { "code", "message", "advice", ... } }\`, and a failed build or rollout keeps them with the host, the command,
its exit code and its last lines, where there are any. Codes stay; messages may be made plainer.
`;
