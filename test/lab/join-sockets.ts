import type { Socket } from "node:net";

/** Makes two connections one: what either says the other hears, and when one breaks so does the other. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", (hadError) => hadError && to.destroy());
  }
}
