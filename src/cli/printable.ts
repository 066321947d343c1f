type Keep = { readonly newlines: boolean; readonly colours: boolean };

/** One line of foreign text: no control character, no escape sequence, nothing that turns the writing direction. */
export const printableLine = (text: string): string => cleaned(text, { newlines: false, colours: false }).trim();

/** Foreign text of many lines. */
export const printableText = (text: string): string => cleaned(text, { newlines: true, colours: false });

/** A program's own output: its colours may stay, everything else that a terminal would obey goes. */
export const printableLog = (text: string, colours: boolean): string => cleaned(text, { newlines: true, colours });

/**
 * Splits off an escape sequence that is not complete yet, at the end of a part of a log: it belongs before the next
 * part. One that is longer than any colour is not waited for.
 */
export const splitUnfinished = (text: string): { whole: string; rest: string } => {
  const at = text.lastIndexOf(esc);
  const rest = at === -1 ? "" : text.slice(at);
  if (rest === "" || rest.length > longestColour || endOfSequence(text, at) <= text.length) {
    return { whole: text, rest: "" };
  }
  return { whole: text.slice(0, at), rest };
};

const esc = "\u001b";
const longestColour = 64;

const cleaned = (text: string, keep: Keep): string => {
  let out = "";
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? "";
    const end = introducesSequence(char) ? endOfSequence(text, at) : at + 1;
    out += end === at + 1 ? plain(char, text[end], keep) : sequence(text.slice(at, end), keep);
    at = end;
  }
  return out;
};

const introducesSequence = (char: string): boolean => char === esc || char === "\u009b" || isStringOpener(char);

const plain = (char: string, next: string | undefined, keep: Keep): string => {
  if (char === "\n" || char === "\r") {
    if (char === "\r" && next === "\n") return "";
    return keep.newlines ? "\n" : " ";
  }
  if (char === "\t") return keep.newlines ? "\t" : " ";
  return /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(char) ? "" : char;
};

const sequence = (text: string, keep: Keep): string =>
  keep.colours && text.startsWith(`${esc}[`) && /^[\d;:]{0,32}m$/.test(text.slice(2)) ? text : "";

/** The index after the sequence that begins at `at`; beyond the text's end when it is not complete (ECMA-48). */
const endOfSequence = (text: string, at: number): number => {
  const first = text[at] ?? "";
  const kind = first === esc ? text[at + 1] : first;
  const body = first === esc ? at + 2 : at + 1;
  if (kind === undefined) return text.length + 1;
  if (kind === "[" || kind === "\u009b") return endOfControl(text, body);
  if (isStringOpener(kind) || "]PX^_".includes(kind)) return endOfString(text, body);
  if (kind < " " || kind > "~") return at + 1;
  return kind <= "/" ? endOfControl(text, body) : body;
};

/** Parameters and intermediates, then one final character; anything else ends it without belonging to it. */
const endOfControl = (text: string, from: number): number => {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char >= "@" && char <= "~") return at + 1;
    if (char < " " || char > "~") return at;
  }
  return text.length + 1;
};

/** Up to BEL or ST. A line's end ends it too: an unfinished title must not swallow the rest of a log. */
const endOfString = (text: string, from: number): number => {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\u0007" || char === "\u009c") return at + 1;
    if (char === esc) return text[at + 1] === "\\" ? at + 2 : at;
    if (char === "\n") return at;
  }
  return text.length + 1;
};

// The single characters that open a device, operating-system, privacy or application string.
const isStringOpener = (char: string): boolean => "\u0090\u0098\u009d\u009e\u009f".includes(char);
