import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type Daemon, daemonOf } from "./daemon.ts";
import { freePort } from "./free-port.ts";
import { programFor } from "./programs.ts";

const startDeadlineMs = 10_000;

export type HaproxyWish = {
  readonly directory: string;
  readonly backend: string;
  readonly servers: readonly { readonly name: string; readonly address: string }[];
};

/** HAProxy in front of those servers, on a loopback port of its own, with a runtime socket. */
export const startHaproxy = async (
  wish: HaproxyWish,
): Promise<Daemon & { readonly url: string; readonly socket: string }> => {
  await mkdir(wish.directory, { recursive: true });
  const port = await freePort();
  const socket = join(wish.directory, "admin.sock");
  const config = join(wish.directory, "haproxy.cfg");
  await writeFile(config, haproxyConfig(wish, { port, socket }));
  const child = spawn(programFor("haproxy"), ["-db", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  const daemon = await daemonOf(child, {
    name: "HAProxy",
    isReady: () => accepts(socket),
    deadlineMs: startDeadlineMs,
  });
  return { url: `http://127.0.0.1:${port}/`, socket, ...daemon };
};

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

// Retries and redispatch would repeat a request elsewhere and hide that a host was cut too early.
const haproxyConfig = (
  { backend, servers }: HaproxyWish,
  { port, socket }: { port: number; socket: string },
): string => `global
    stats socket ${socket} mode 600 level admin
    stats timeout 1m
    maxconn 2000
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 15s
    timeout queue 5s
    retries 0
    no option redispatch
frontend front
    bind 127.0.0.1:${port}
    default_backend ${backend}
backend ${backend}
    balance roundrobin
    option httpchk GET /healthz
    http-check expect status 200
    default-server inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1
${servers.map(({ name, address }) => `    server ${name} ${address} check\n`).join("")}`;
