import type { HelloWish } from "./hello.ts";
import type { TrafficProgram } from "./traffic-program.ts";

/** A place where the demo plays: a server, hosts, a balancer, a registry and a git repository, all real. */
export type Scene = {
  /** Where the page and the API answer, from this machine. */
  readonly url: string;
  readonly token: string;
  /** What a person needs to use the command line here, as shell lines. */
  readonly hints: readonly string[];
  /** The sample service's repository, which Slipway watches. */
  readonly repository: string;
  readonly hello: Pick<HelloWish, "registry" | "base" | "network" | "port">;
  /** Users begin to send requests through the balancer. */
  startTraffic(): TrafficProgram;
  /** Nothing of the scene is left. Safe to call twice. */
  stop(): Promise<void>;
};

export type SceneOptions = { readonly say: (line: string) => void; readonly signal: AbortSignal };
