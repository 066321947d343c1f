/** Who uses the page, as they wrote it into a dialog: for timelines and receipts. It is remembered by the browser. */

const storageKey = "slipway-asker";
export const longestName = 100;

export const askerName = (): string => localStorage.getItem(storageKey) ?? "";

export function rememberAsker(name: string): void {
  const kept = name.trim().slice(0, longestName);
  if (kept === "") localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, kept);
}

/** What a change says of who asks for it; nothing where nobody gave a name. */
export function asker(): { readonly by?: string } {
  const by = askerName();
  return by === "" ? {} : { by };
}
