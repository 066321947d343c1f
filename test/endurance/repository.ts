import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { LabStage } from "../../demo/lab-scene.ts";
import { commitAll } from "../../demo/repository.ts";

const service = join(import.meta.dirname, "service");

export type Settings = { readonly rollout: object; readonly stable: string };

const held: Settings = {
  // Websockets never end by themselves: what is left when the drain's time is over is closed by the program.
  rollout: { strategy: "rolling", batch: 1, drain_timeout: "3s", on_drain_timeout: "stop" },
  stable: "0s",
};

/** Commits that version of the service with websockets; resolves with the commit. */
export async function commitVersion(
  { repository, hello }: LabStage,
  version: number,
  settings: Settings = held,
): Promise<string> {
  await cp(service, repository, { recursive: true });
  await writeFile(join(repository, "slipway.yaml"), stringify(serviceFile(hello, version, settings)));
  return commitAll(repository, `Version ${version}`);
}

const serviceFile = ({ registry, base }: LabStage["hello"], version: number, { rollout, stable }: Settings) => ({
  service: "hello",
  build: {
    image: { repository: `${registry}/acme/hello`, args: { BASE: base, VERSION: String(version) } },
  },
  run: {
    port: 8080,
    network: "host",
    stop: { signal: "SIGTERM", timeout: "10s" },
    health: { path: "/healthz", interval: "100ms", healthy_after: 2, stable, deadline: "30s" },
    smoke: { path: "/version", expect: "{{ commit }}" },
  },
  branches: { main: { environment: "integration" } },
  environments: { integration: { rollout } },
});
