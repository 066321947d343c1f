/** A loopback port of the office, opened on the machine. A unix socket crosses network namespaces where TCP does not. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { joinSockets } from "./join-sockets.ts";
import type { LabNode } from "./lab-node.ts";
import { until } from "./until.ts";

export interface Publication {
  readonly port: number;
  close(): void;
}

export interface Ports {
  readonly officePort: number;
  /** 0: any that is free. */
  readonly localPort: number;
}

const relayLimitMs = 5_000;

export async function publish(office: LabNode, sharedDir: string, ports: Ports): Promise<Publication> {
  // A name of its own each time: the socket of a relay that died with the office would stay and refuse.
  const bridge = join(sharedDir, `${ports.officePort}-${randomBytes(4).toString("hex")}.sock`);
  const callers = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    callers.add(caller);
    caller.on("close", () => callers.delete(caller));
    joinSockets(caller, connect({ path: bridge, allowHalfOpen: true }));
  });
  server.listen(ports.localPort, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    for (const caller of callers) caller.destroy();
  };
  try {
    await startRelay(office, bridge, ports.officePort);
  } catch (error) {
    close();
    throw error;
  }
  return { port: (server.address() as AddressInfo).port, close };
}

async function startRelay(office: LabNode, bridge: string, officePort: number): Promise<void> {
  const script = join(import.meta.dirname, "relay.ts");
  office.spawn([process.execPath, script, bridge, `${officePort}`], { stdio: "ignore" });
  await until("the relay in the office", () => existsSync(bridge) || undefined, { limitMs: relayLimitMs });
}
