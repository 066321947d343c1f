import { homedir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { stateDirectory } from "#contract/state-directory.ts";
import { SlipwayError } from "#core/errors.ts";

export type ServerOptions = {
  readonly fleetFile: string;
  readonly stateDirectory: string;
  readonly host: string;
  readonly port: number;
  /** The page's origin as people open it; `undefined`: the address that is listened on. */
  readonly publicUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  /** The Docker socket that builds images. */
  readonly engineSocket: string;
  readonly isConfigCheck: boolean;
};

const defaultPort = 7420;
const highestPort = 65_535;

/** What `slipway server` was asked for. Relative paths are the caller's. */
export function serverOptions(argv: readonly string[], env: NodeJS.ProcessEnv): ServerOptions {
  const given = parse(argv);
  const port = given.port === undefined ? defaultPort : Number(given.port);
  if (!Number.isInteger(port) || port < 0 || port > highestPort)
    throw new SlipwayError("input.invalid", `--port expects a number from 0 to ${highestPort}, found "${given.port}".`);
  const isRoot = process.getuid?.() === 0;
  return {
    fleetFile: resolve(given.fleet ?? "fleet.yaml"),
    stateDirectory: resolve(stateDirectory({ data: given.data, env, home: homedir(), isRoot })),
    host: given.host ?? "127.0.0.1",
    port,
    publicUrl: given["public-url"] === undefined ? undefined : publicUrl(given["public-url"]),
    databaseUrl: env.DATABASE_URL || undefined,
    engineSocket: engineSocket(env.DOCKER_HOST),
    isConfigCheck: given["config-check"] ?? false,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const texts = { fleet: text, data: text, host: text, port: text, "public-url": text } as const;
    const options = { ...texts, "config-check": { type: "boolean" } } as const;
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SlipwayError("input.invalid", why, { cause, advice: "See `slipway server --help`." });
  }
}

/** It stands in chat rooms, so no password may be in it; and the page is served at the root of a name, not below a path. */
function publicUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new SlipwayError(
    "input.invalid",
    `--public-url expects the page's address as people open it, like https://slipway.example.com, without a path, found ${text.includes("@") ? "one with a login" : `"${text}"`}.`,
  );
}

function engineSocket(dockerHost: string | undefined): string {
  if (!dockerHost) return "/var/run/docker.sock";
  if (dockerHost.startsWith("unix://")) return dockerHost.slice("unix://".length);
  throw new SlipwayError(
    "input.invalid",
    `DOCKER_HOST expects a unix:// address for the engine that builds images, found "${dockerHost}".`,
  );
}
