import { useSyncExternalStore } from "react";

/**
 * The page's three views. The address holds the view: `#/`, `#/builds/<id>`, `#/rollouts/<id>`; a notice also names the
 * host whose bundle is to be open: `#/rollouts/<id>?bundle=web-1`.
 */
export type View =
  | { readonly name: "overview" }
  | { readonly name: "build"; readonly id: string }
  | { readonly name: "rollout"; readonly id: string; readonly bundle?: string }
  | { readonly name: "unknown" };

export function viewOf(hash: string): View {
  const [before = "", search] = hash.replace(/^#\/?/, "").split("?", 2);
  const path = before.replace(/\/+$/, "");
  if (path === "") return { name: "overview" };
  const [, kind, id] = /^(build|rollout)s\/([^/]+)$/.exec(path) ?? [];
  const decoded = id && decode(id);
  if (kind === "build" && decoded) return { name: kind, id: decoded };
  if (kind !== "rollout" || !decoded) return { name: "unknown" };
  const bundle = new URLSearchParams(search).get("bundle");
  return bundle ? { name: kind, id: decoded, bundle } : { name: kind, id: decoded };
}

/** A half of a percent sign in an address that somebody mistyped is no id. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Only URIError is thrown here, and the caller shows "no such page" for it.
    return undefined;
  }
}

export const buildAddress = (id: string): string => `#/builds/${encodeURIComponent(id)}`;
export const rolloutAddress = (id: string): string => `#/rollouts/${encodeURIComponent(id)}`;

const follow = (onChange: () => void) => {
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
};

export const useView = (): View => viewOf(useSyncExternalStore(follow, () => location.hash));
