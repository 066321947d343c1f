import type { z } from "zod";
import { parseBytes } from "#core/bytes.ts";
import { parseDuration } from "#core/duration.ts";
import type { EnvironmentSpec, RunSpec, ServiceSpec, StepSpec } from "#core/service.ts";
import { nearest, type Problem, YamlFile } from "./read-yaml.ts";
import { serviceSchema } from "./service-schema.ts";
import { asStrings, millis, present, quantityOf } from "./values.ts";

type Raw = z.output<typeof serviceSchema>;

/** `slipway.yaml` as a checked value, every default filled in. Fails with config.invalid. */
export function parseServiceFile(text: string, fileName: string): ServiceSpec {
  const file = YamlFile.read(serviceSchema, text, fileName);
  file.refuseIf([...unknownEnvironments(file.value), ...zeroDurations(file.value)]);
  const { service, build, run, branches, environments } = file.value;
  const { repository, dockerfile, context, args } = build.image;
  return {
    service,
    build: { steps: build.steps.map(stepOf), image: { repository, dockerfile, context, args: asStrings(args) } },
    run: runOf(run),
    branches: Object.entries(branches).map(([pattern, rule]) =>
      "environment" in rule ? { pattern, environment: rule.environment } : { pattern, personal: true },
    ),
    environments: Object.fromEntries(
      Object.entries(environments ?? {}).map(([key, value]) => [key, environmentOf(value)]),
    ),
  };
}

/** A file that names its environments means all of them: a branch rule for another one is a slip of the pen. */
function unknownEnvironments({ branches, environments }: Raw): Problem[] {
  if (!environments) return [];
  const known = Object.keys(environments);
  const check = (path: Problem["path"], wanted: string): Problem[] => {
    if (known.includes(wanted)) return [];
    const near = nearest(wanted, known);
    return [
      {
        path,
        message: `expected one of the environments below (${known.join(", ")}), found "${wanted}".${near ? ` Did you mean "${near}"?` : ""}`,
      },
    ];
  };
  return [
    ...Object.entries(branches).flatMap(([pattern, rule]) =>
      "environment" in rule ? check(["branches", pattern, "environment"], rule.environment) : [],
    ),
    ...Object.entries(environments).flatMap(([key, { promote }]) =>
      promote ? check(["environments", key, "promote", "from"], promote.from) : [],
    ),
  ];
}

/** A poll or a timeout of nothing would spin or fail at once. */
function zeroDurations({ run: { health } }: Raw): Problem[] {
  const fields = ["interval", "timeout", "deadline"] as const;
  return fields.flatMap((field) =>
    health && parseDuration(health[field]) === 0
      ? [{ path: ["run", "health", field], message: `expected more than nothing, found "${health[field]}"` }]
      : [],
  );
}

const stepOf = ({ name, run, timeout, env, reports, cache }: Raw["build"]["steps"][number]): StepSpec => ({
  name,
  run,
  timeoutMs: millis(timeout),
  env: asStrings(env),
  cache,
  ...present({ junit: reports?.junit }),
});

function runOf(run: Raw["run"]): RunSpec {
  const { health, smoke, stop, limits } = run;
  return {
    port: run.port,
    network: run.network,
    env: asStrings(run.env),
    secrets: run.secrets,
    volumes: run.volumes,
    stop: { signal: stop.signal, timeoutMs: millis(stop.timeout) },
    limits: present({
      memoryBytes: limits.memory === undefined ? undefined : parseBytes(limits.memory),
      cpus: limits.cpus,
    }),
    ...present({ command: run.command }),
    ...(health
      ? {
          health: {
            path: health.path,
            intervalMs: millis(health.interval),
            timeoutMs: millis(health.timeout),
            healthyAfter: health.healthy_after,
            stableMs: millis(health.stable),
            deadlineMs: millis(health.deadline),
          },
        }
      : {}),
    ...(smoke ? { smoke: { path: smoke.path, status: smoke.status, ...present({ expect: smoke.expect }) } } : {}),
  };
}

function environmentOf({ rollout, verify, promote }: NonNullable<Raw["environments"]>[string]): EnvironmentSpec {
  return {
    rollout: {
      strategy: rollout.strategy,
      batch: quantityOf(rollout.batch),
      bakeMs: millis(rollout.bake),
      drainTimeoutMs: millis(rollout.drain_timeout),
      drain: rollout.drain,
      ...(rollout.min_healthy === undefined ? {} : { minHealthy: quantityOf(rollout.min_healthy) }),
    },
    verify: verify.map(stepOf),
    ...(promote
      ? {
          promote: {
            from: promote.from,
            ...(promote.approval ? { approval: { timeoutMs: millis(promote.approval.timeout) } } : {}),
          },
        }
      : {}),
  };
}
