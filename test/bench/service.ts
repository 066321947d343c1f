import type { HelloWish } from "../../demo/hello.ts";

/** Between two questions after health, for all three that are measured. */
export const healthEveryMs = 100;

/**
 * The sample service with nothing to wait for: one good answer, no stable time, no bake, no smoke test. What is left
 * is the tools' own work and the engine's.
 */
export const benchSettings: NonNullable<HelloWish["settings"]> = [
  [
    ["run"],
    {
      port: 8080,
      network: "host",
      stop: { signal: "SIGTERM", timeout: "10s" },
      health: { path: "/healthz", interval: `${healthEveryMs}ms`, healthy_after: 1, stable: "0s", deadline: "30s" },
    },
  ],
  [["environments", "integration", "rollout"], { strategy: "rolling", batch: 1, bake: "0s" }],
];
