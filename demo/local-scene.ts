import { spawn } from "node:child_process";
import { join } from "node:path";
import { localStage } from "./local-stage.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import { TrafficProgram } from "./traffic-program.ts";

/** The demo on this machine's own engine. */
export const localScene = async ({ say, signal }: SceneOptions): Promise<Scene> => {
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(await localStage(say));
  signal.throwIfAborted();
  const server = await stage.startServer();
  const parts = stack.move();
  return {
    url: server.url,
    token: server.token,
    repository: stage.repository,
    hello: { registry: stage.registry, base: stage.base, port: stage.port },
    hints: [`export SLIPWAY_SERVER=${server.url} SLIPWAY_DATA=${stage.data}`, "./bin/slipway status"],
    startTraffic() {
      const users = localTraffic(stage.front);
      parts.defer(() => users.stop());
      return users;
    },
    stop: () => parts.disposeAsync(),
  };
};

/** Users on this machine, in a process of their own so that nothing else slows them down. */
export const localTraffic = (url: string): TrafficProgram => {
  const script = join(import.meta.dirname, "traffic.ts");
  const stdio = ["pipe", "pipe", "inherit"] as const;
  return new TrafficProgram(spawn(process.execPath, [script, url], { stdio: [...stdio], detached: true }));
};
