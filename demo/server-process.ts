import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Daemon, daemonOf } from "../scripts/setup/daemon.ts";

const program = join(import.meta.dirname, "../bin/slipway.ts");
const readyDeadlineMs = 60_000;

export type ServerProcess = Daemon & { readonly url: string; readonly token: string };

type Wish = {
  readonly fleet: string;
  readonly data: string;
  readonly port: number;
  readonly engineSocket: string;
  readonly options: readonly string[];
};

/** `slipway server` as a process of its own, ready. Ctrl-C is not for it: who started it stops it when it is time. */
export const startServer = async ({ fleet, data, port, engineSocket, options }: Wish): Promise<ServerProcess> => {
  const url = `http://127.0.0.1:${port}`;
  const own = ["--fleet", fleet, "--data", data, "--port", String(port)];
  const child = spawn(process.execPath, [program, "server", ...own, ...options], {
    env: { ...process.env, DOCKER_HOST: `unix://${engineSocket}`, DATABASE_URL: "" },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  const daemon = await daemonOf(child, { name: "Slipway", isReady, deadlineMs: readyDeadlineMs });
  const token = (await readFile(join(data, "token"), "utf8")).trim();
  return { ...daemon, url, token };
};
