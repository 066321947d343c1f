import { programFor } from "./programs.ts";
import { mustRun, runCommand } from "./run-command.ts";

const deadlineMs = 10_000;
const networkPrefix = "10.213";

/** An engine's bridge, named for its directory's random end; at most 15 characters. */
export const bridgeOf = (engineDirectory: string): string => `slw-${engineDirectory.slice(-6).toLowerCase()}`;

/** A bridge with a /24 that no interface of this machine has. */
export const makeBridge = async (name: string): Promise<void> => {
  const ip = programFor("iproute2");
  const taken = takenNetworks(await mustRun([ip, "-o", "-4", "address", "show"], { deadlineMs }));
  const free = Array.from({ length: 254 }, (_, index) => index + 1).find((network) => !taken.has(network));
  if (!free) throw new Error(`Every network ${networkPrefix}.0.0/24 is taken; end the engines that use them.`);
  await mustRun([ip, "link", "add", name, "type", "bridge"], { deadlineMs });
  await mustRun([ip, "address", "add", `${networkPrefix}.${free}.1/24`, "dev", name], { deadlineMs });
  await mustRun([ip, "link", "set", name, "up"], { deadlineMs });
};

/** The third numbers of our networks that are in use, from `ip -o -4 address show`. */
export const takenNetworks = (listing: string): Set<number> =>
  new Set([...listing.matchAll(/inet 10\.213\.(\d+)\./g)].map(([, number]) => Number(number)));

/** The bridge is gone. */
export const removeBridge = async (name: string): Promise<void> => {
  await runCommand([programFor("iproute2"), "link", "delete", name], { deadlineMs });
};
