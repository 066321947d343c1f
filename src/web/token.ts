import { useSyncExternalStore } from "react";

/** The server's token, as this tab knows it. Session storage ends with the tab; nothing else holds it. */

const storageKey = "slipway-token";
const followers = new Set<() => void>();

/** Takes `#token=...` out of the address, before anybody can read it over a shoulder or bookmark it. */
export function takeTokenFromAddress(): void {
  const found = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (found === undefined) return;
  history.replaceState(null, "", `${location.pathname}#/`);
  rememberToken(found);
}

export function rememberToken(token: string): void {
  sessionStorage.setItem(storageKey, token.trim());
  tell();
}

export function forgetToken(): void {
  sessionStorage.removeItem(storageKey);
  tell();
}

export const currentToken = (): string | undefined => sessionStorage.getItem(storageKey) || undefined;

const tell = () => {
  for (const follower of followers) follower();
};

const follow = (onChange: () => void) => {
  followers.add(onChange);
  return () => followers.delete(onChange);
};

export const useToken = (): string | undefined => useSyncExternalStore(follow, currentToken);
