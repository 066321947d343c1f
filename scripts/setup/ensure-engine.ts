import { homedir } from "node:os";
import { join } from "node:path";
import { engineVersion } from "./engine-api.ts";
import { startEngine } from "./own-engine.ts";
import { installAdvice } from "./programs.ts";
import { sweepDeadEngines } from "./remove-engine.ts";

export type Engine = {
  readonly socketPath: string;
  /** As the engine says it, e.g. "1.41". */
  readonly apiVersion: string;
  /** We started it; `stop` then ends it. */
  readonly isOurs: boolean;
  /** Nothing of an engine that we started is left: process, mount, bridge, directory. Safe to call twice. */
  stop(): Promise<void>;
};

/**
 * A Docker engine that answers: the one of DOCKER_HOST, else one that runs on this machine, else, as root on Linux,
 * one that we start for ourselves. Rejects where there is none to be had, and says what to do.
 */
export const ensureEngine = async (env: NodeJS.ProcessEnv = process.env): Promise<Engine> => {
  for (const socketPath of knownSockets(env)) {
    const apiVersion = await engineVersion(socketPath);
    if (apiVersion) return { socketPath, apiVersion, isOurs: false, stop: async () => {} };
    if (env.DOCKER_HOST) throw new Error(`No engine answers on ${socketPath}, which DOCKER_HOST names.`);
  }
  if (process.getuid?.() !== 0 || process.platform !== "linux") throw new Error(noEngine());
  await sweepDeadEngines();
  return startEngine();
};

/** Where an engine may listen; only the one of DOCKER_HOST where that is set. */
export const knownSockets = (env: NodeJS.ProcessEnv, home: string = homedir()): string[] => {
  if (env.DOCKER_HOST) {
    const socketPath = env.DOCKER_HOST.match(/^unix:\/\/(\/.+)$/)?.[1];
    if (socketPath) return [socketPath];
    throw new Error(`DOCKER_HOST is ${env.DOCKER_HOST}; only unix:///path/of/socket is understood here.`);
  }
  return [
    "/var/run/docker.sock",
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "docker.sock")] : []),
    join(home, ".docker/run/docker.sock"),
    join(home, ".colima/default/docker.sock"),
  ];
};

const noEngine = (): string =>
  "No Docker engine answers, and only root on Linux can start one here. Start Docker, or set DOCKER_HOST, and make " +
  `sure that you may use its socket (on Linux: be in the group docker). ${installAdvice(["docker"])}`;
