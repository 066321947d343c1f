import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Daemon, daemonOf } from "./daemon.ts";
import { freePort } from "./free-port.ts";
import { programFor } from "./programs.ts";

const startDeadlineMs = 15_000;

/** The `docker-registry` program on a loopback port, which Docker engines trust without TLS. */
export const startRegistry = async (directory: string): Promise<Daemon & { readonly address: string }> => {
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const config = join(directory, "config.yml");
  await writeFile(config, registryConfig(join(directory, "data"), address));
  const child = spawn(programFor("registry"), ["serve", config], {
    env: { PATH: process.env.PATH ?? "", OTEL_TRACES_EXPORTER: "none" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const isReady = async () => (await fetch(`http://${address}/v2/`).catch(() => undefined))?.ok;
  return { address, ...(await daemonOf(child, { name: "the registry", isReady, deadlineMs: startDeadlineMs })) };
};

const registryConfig = (data: string, address: string): string => `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(data)} }
  delete: { enabled: true }
  maintenance: { uploadpurging: { enabled: false } }
http: { addr: "${address}" }
`;
