const shownLength = 80;

/** Text as a message shows it: in quotes, control characters escaped, cut. */
export function quoted(text: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength - 3).toWellFormed()}...` : text;
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** What was found, for a person; the password in an address is not repeated. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length > 0 ? "a list" : "an empty list";
  if (typeof value === "object") return "keys and values";
  return typeof value === "string" ? quoted(value.replace(/\/\/[^/@\s]*@/g, "//...@")) : String(value);
}

const privateKeys: ReadonlySet<PropertyKey> = new Set(["password", "secret", "signing_secret", "webhook"]);

/** A value put where only a secret's name belongs is probably the secret itself: errors go to logs and pages. */
export const foundAt = (path: readonly PropertyKey[], value: unknown): string =>
  typeof value === "string" && path.some((step) => privateKeys.has(step)) ? "text that is not shown" : inWords(value);

/** `branches.main.environment`; a key of odd characters is quoted. */
export const pathInWords = (path: readonly PropertyKey[]): string =>
  path.map((step) => (/^[\w.@:/{}*-]{1,80}$/.test(String(step)) ? String(step) : quoted(String(step)))).join(".");
