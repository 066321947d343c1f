import { useSyncExternalStore } from "react";

/** The page's three views. The address holds the view and nothing else: `#/`, `#/builds/<id>`, `#/rollouts/<id>`. */
export type View =
  | { readonly name: "overview" }
  | { readonly name: "build" | "rollout"; readonly id: string }
  | { readonly name: "unknown" };

export function viewOf(hash: string): View {
  const path = hash.replace(/^#\/?/, "").replace(/\/+$/, "");
  if (path === "") return { name: "overview" };
  const [, kind, id] = /^(build|rollout)s\/([^/]+)$/.exec(path) ?? [];
  const decoded = id && decode(id);
  return (kind === "build" || kind === "rollout") && decoded ? { name: kind, id: decoded } : { name: "unknown" };
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
