import { canaryVerdict, type Measured, type Served } from "#core/canary-verdict.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Batch } from "#core/plan.ts";
import type { CanarySpec } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import { act, type Doing } from "#workflows/act.ts";
import { balancersOf, hostNamed, placeAt, rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { graceMs } from "#workflows/replace-host.ts";
import { checkoutTimeoutMs, runFromCheckout } from "#workflows/run-from-checkout.ts";

const lookEveryMs = 1_000;
const choices = ["retry", "continue", "put-back", "roll-back", "abort"] as const;

/** The canary hosts did well while they baked; a person decides where that could not be measured. */
export async function judgeCanary(releasing: Releasing, batch: Batch): Promise<Ending | undefined> {
  const spec = rolloutSpecOf(releasing.course).canary;
  const hosts = batch.hosts.map(({ name }) => name).filter((name) => !releasing.excluded.includes(name));
  if (!spec) return undefined;
  const { run, world, course } = releasing;
  const timeoutMs = spec.bakeMs + graceMs + commandsTimeoutMs(spec);
  const place = { rolloutId: course.rolloutId, step: "canary" as const };
  for (;;) {
    const doing = (doing: Doing) => judge(releasing, { spec, hosts }, doing);
    const outcome = await outcomeOf(act(run, world, place, { timeoutMs, doing }));
    if (outcome.ok && outcome.value === "good") return undefined;
    const error = outcome.ok ? notMeasured(outcome.value) : outcome.error;
    const why = outcome.ok ? ("not-measured" as const) : ("failure" as const);
    const decision = await decide(releasing, { why, hosts, error, choices });
    if (decision === "continue") return undefined;
    if (typeof decision !== "string") return decision;
  }
}

const commandsTimeoutMs = ({ commands }: CanarySpec): number =>
  commands.length === 0 ? 0 : commands.reduce((sum, step) => sum + step.timeoutMs, checkoutTimeoutMs);

type Canary = { readonly spec: CanarySpec; readonly hosts: readonly string[] };

/** `good`, or in words what could not be measured; rejects with canary.failed. */
async function judge(releasing: Releasing, { spec, hosts }: Canary, doing: Doing): Promise<string> {
  if (hosts.length === 0) return "every canary host was left out";
  const before = await servedBy(releasing, hosts, doing.signal);
  await watch(releasing, { spec, hosts }, { before, doing });
  const measured = {
    before,
    after: await servedBy(releasing, hosts, doing.signal),
    queries: await askQueries(releasing, spec, doing),
  };
  const verdict = canaryVerdict(spec, measured);
  if (verdict.kind === "bad") throw failed(hosts, verdict.words);
  if (spec.commands.length > 0) await runCommands(releasing, { spec, hosts }, doing);
  doing.progress(verdict.words);
  return verdict.kind === "good" ? "good" : verdict.words;
}

/** For the whole bake; an error rate that is too high already ends it at once. */
async function watch(
  releasing: Releasing,
  { spec, hosts }: Canary,
  { before, doing }: { before: Served | undefined; doing: Doing },
): Promise<void> {
  const { clock } = releasing.world;
  const endsAt = clock.now() + spec.bakeMs;
  for (let left = spec.bakeMs; left > 0; left = endsAt - clock.now()) {
    await clock.sleep(Math.min(lookEveryMs, left), doing.signal);
    const after = await servedBy(releasing, hosts, doing.signal);
    const verdict = canaryVerdict(spec, { before, after, queries: [] });
    if (verdict.kind === "bad") throw failed(hosts, verdict.words);
    doing.progress(verdict.words);
  }
}

/** What the canary hosts have answered so far, at all balancers together; undefined where no balancer counts by host. */
async function servedBy(
  { world, course, visited }: Releasing,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<Served | undefined> {
  const ends = visited.filter(({ host }) => hosts.includes(host));
  const servers = new Set(ends.map(({ host, port }) => placeAt(course, hostNamed(course, host), port).server));
  const looks = await Promise.all(balancersOf(course).map((at) => world.balancer.look(at, signal)));
  const counts = looks.flat().flatMap(({ server, served }) => (served && servers.has(server) ? [served] : []));
  if (counts.length === 0) return undefined;
  return counts.reduce((sum, count) => ({
    requests: sum.requests + count.requests,
    failed: sum.failed + count.failed,
  }));
}

async function askQueries(
  { world, course }: Releasing,
  { queries }: CanarySpec,
  { signal }: Doing,
): Promise<readonly Measured[]> {
  const url = course.prometheus;
  return Promise.all(
    queries.map(async (spec): Promise<Measured> => {
      let reason = url === undefined ? "fleet.yaml names no Prometheus for the environment" : "it gave no number";
      const hear = (words: string) => {
        reason = words;
      };
      const value = url && (await world.metrics.number({ url, query: spec.query }, signal, hear));
      return typeof value === "number" ? { spec, value } : { spec, reason };
    }),
  );
}

async function runCommands({ world, course }: Releasing, { spec, hosts }: Canary, doing: Doing): Promise<void> {
  const bad = await runFromCheckout(world, course, { steps: spec.commands, id: "canary" }, doing);
  if (bad) throw failed(hosts, `"${bad.step}" ${bad.how}.`, bad.lastLines);
}

const failed = (hosts: readonly string[], words: string, lastLines?: string): SlipwayError =>
  new SlipwayError("canary.failed", `The canary on ${hosts.join(", ")} did not do well: ${words}`, {
    ...(lastLines === undefined ? {} : { lastLines }),
  });

const notMeasured = (words: string) =>
  new SlipwayError("canary.not-measured", `The canary could not be judged: ${words}`).toRecord();
