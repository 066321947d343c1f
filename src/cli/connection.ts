import { readFile } from "node:fs/promises";
import { stateDirectory, tokenFile } from "#contract/state-directory.ts";
import { refused } from "./cli-error.ts";
import type { Terminal } from "./terminal.ts";

export type ConnectionOptions = { readonly server?: string; readonly tokenFile?: string; readonly data?: string };

export type Connection = {
  /** Without a slash at its end. */
  readonly server: string;
  readonly token: string | undefined;
  /** Where the token was looked for, for the message when it is missing or wrong. */
  readonly tokenFrom: string;
};

export const defaultServer = "http://127.0.0.1:7420";

/** Which server to ask, and with which token. */
export const connectionOf = async (options: ConnectionOptions, terminal: Terminal): Promise<Connection> => {
  const server = serverOf(options.server ?? terminal.env.SLIPWAY_SERVER ?? defaultServer);
  const { env, home } = terminal;
  if (env.SLIPWAY_TOKEN) return { server, token: env.SLIPWAY_TOKEN, tokenFrom: "SLIPWAY_TOKEN" };
  const named = options.tokenFile ?? env.SLIPWAY_TOKEN_FILE;
  const file = named ?? tokenFile(stateDirectory({ data: options.data, env, home, isRoot: terminal.isRoot }));
  // The token of the server on this machine is nobody else's business: another server gets only a token that was named.
  if (named === undefined && options.data === undefined && !isHere(server)) {
    return { server, token: undefined, tokenFrom: "SLIPWAY_TOKEN and --token-file; neither is set" };
  }
  return { server, token: await tokenIn(file, named !== undefined), tokenFrom: file };
};

const serverOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw refused(`The server's address ${JSON.stringify(text)} is not an address.`, `Give one like ${defaultServer}.`);
};

const isHere = (server: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(server).hostname);

const tokenIn = async (file: string, wasNamed: boolean): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim() || undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (wasNamed) throw refused(`Could not read the token file ${file}: ${why}.`, "Name a file that you may read.");
    // Without a token most reads work; a change is refused by the server and tells where we looked.
    return undefined;
  }
};
