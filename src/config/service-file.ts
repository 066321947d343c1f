import type { z } from "zod";
import { parseBytes } from "#core/bytes.ts";
import type { BranchRule, CanarySpec, EnvironmentSpec, RunSpec, ServiceSpec, StepSpec } from "#core/service.ts";
import { YamlFile } from "./read-yaml.ts";
import { unknownName } from "./references.ts";
import type { Problem } from "./schema-problems.ts";
import { canarySchema, notYet, serviceSchema } from "./service-schema.ts";
import { asStrings, millis, minimumOf, present, quantityOf } from "./values.ts";

type Raw = z.output<typeof serviceSchema>;

/** `slipway.yaml` as a checked value, every default filled in. Fails with config.invalid. */
export function parseServiceFile(text: string, fileName: string): ServiceSpec {
  const file = YamlFile.read(serviceSchema, text, fileName, notYet);
  file.refuseIf([...unknownEnvironments(file.value), ...namelessDevelopers(file.value), ...secretsInEnv(file.value)]);
  const { service, build, run, branches, environments } = file.value;
  const { repository, dockerfile, context, args } = build.image;
  return {
    service,
    build: { steps: build.steps.map(stepOf), image: { repository, dockerfile, context, args: asStrings(args) } },
    run: runOf(run),
    branches: file.keysInOrder("branches").flatMap((pattern) => branchRule(pattern, branches[pattern])),
    environments: Object.fromEntries(
      Object.entries(environments ?? {}).map(([key, value]) => [key, environmentOf(value)]),
    ),
  };
}

/** A file that names its environments means all of them: a branch rule for another one is a slip of the pen. */
function unknownEnvironments({ branches, environments }: Raw): Problem[] {
  if (!environments) return [];
  const known = Object.keys(environments);
  const what = "environments below";
  return [
    ...Object.entries(branches).flatMap(([pattern, rule]) =>
      "environment" in rule ? unknownName(["branches", pattern, "environment"], rule.environment, what, known) : [],
    ),
    ...Object.entries(environments).flatMap(([key, { promote }]) =>
      promote
        ? unknownName(
            ["environments", key, "promote", "from"],
            promote.from,
            what,
            known.filter((other) => other !== key),
          )
        : [],
    ),
  ];
}

const namelessDevelopers = ({ branches }: Raw): Problem[] =>
  Object.entries(branches).flatMap(([pattern, rule]) =>
    "personal" in rule && !pattern.split("/").includes("{user}")
      ? [{ path: ["branches", pattern], message: "expected {user} in the pattern of a personal branch, found none" }]
      : [],
  );

const secretsInEnv = ({ run }: Raw): Problem[] =>
  run.secrets.flatMap((secret, index) =>
    Object.hasOwn(run.env, secret)
      ? [{ path: ["run", "secrets", index], message: `expected ${secret} in env or in secrets, found it in both` }]
      : [],
  );

const branchRule = (pattern: string, rule: Raw["branches"][string] | undefined): BranchRule[] => {
  if (!rule) return [];
  return ["environment" in rule ? { pattern, environment: rule.environment } : { pattern, personal: true }];
};

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
      maxErrorPercent: percentOf(rollout.max_error_rate),
      drainTimeoutMs: millis(rollout.drain_timeout),
      drain: rollout.drain,
      onDrainTimeout: rollout.on_drain_timeout,
      onFailure: rollout.on_failure,
      maxFailures: rollout.max_failures,
      pauseTimeoutMs: millis(rollout.pause_timeout),
      onNewerCommit: rollout.on_newer_commit,
      onUnreachable: rollout.on_unreachable,
      keepOldMs: millis(rollout.keep_old),
      ...(rollout.strategy === "canary" ? { canary: canaryOf(rollout.canary) } : {}),
      ...(rollout.min_healthy === undefined ? {} : { minHealthy: minimumOf(rollout.min_healthy) }),
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

const percentOf = (share: string): number => Number(share.slice(0, -1));

type RawCanary = NonNullable<NonNullable<Raw["environments"]>[string]["rollout"]["canary"]>;

function canaryOf(raw: RawCanary | undefined): CanarySpec {
  const { hosts, bake, max_error_rate, min_requests, commands, queries } = raw ?? defaultCanary;
  return {
    hosts: quantityOf(hosts),
    bakeMs: millis(bake),
    maxErrorPercent: percentOf(max_error_rate),
    minRequests: min_requests,
    commands: commands.map(stepOf),
    queries: queries.map(({ name, query, min, max }) => ({ name, query, ...present({ min, max }) })),
  };
}

/** `strategy: canary` alone says it all. */
const defaultCanary = canarySchema.parse({});
