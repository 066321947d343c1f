import { canaryVerdict, type Measured, type Served } from "#core/canary-verdict.ts";
import { SlipwayError } from "#core/errors.ts";
import { fillQuery } from "#core/fill-query.ts";
import type { Batch } from "#core/plan.ts";
import type { CanarySpec } from "#core/service.ts";
import { outcomeOf } from "#engine/acts.ts";
import { act, type Doing } from "#workflows/act.ts";
import { complaintOfBalancers, Patience } from "#workflows/baking.ts";
import { restartPatience } from "#workflows/balancing.ts";
import { isCancel } from "#workflows/cancelled.ts";
import { complaintOf } from "#workflows/checking.ts";
import { balancersOf, hostNamed, placeAt, rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import { keepBundles } from "#workflows/keep-bundle.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { graceMs } from "#workflows/replace-host.ts";
import { checkoutTimeoutMs, runFromCheckout } from "#workflows/run-from-checkout.ts";
import { containerAt } from "#workflows/start-beside.ts";

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
    const outcome = await outcomeOf(act(run, world, place, { timeoutMs, stallMs: timeoutMs, doing }));
    if (outcome.ok && outcome.value === "good") return undefined;
    const seen = outcome.ok ? notMeasured(outcome.value) : outcome.error;
    // Only a verdict is one: whatever else kept it from being found says nothing of the release.
    const isVerdict = seen.code === "canary.failed" || isCancel(seen);
    const error = isVerdict || outcome.ok ? seen : notMeasured(seen.message);
    if (isVerdict) await keepBundles(releasing, error, hosts);
    const why = isVerdict ? ("failure" as const) : ("not-measured" as const);
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
    queries: await askQueries(releasing, { spec, hosts }, doing),
  };
  const verdict = canaryVerdict(spec, measured);
  if (verdict.kind === "bad") throw failed(hosts, verdict.words);
  if (spec.commands.length > 0) await runCommands(releasing, { spec, hosts }, doing);
  doing.progress(verdict.words);
  return verdict.kind === "good" ? "good" : verdict.words;
}

/** For the whole bake; a host that goes bad, or an error rate that is too high already, ends it at once. */
async function watch(
  releasing: Releasing,
  { spec, hosts }: Canary,
  { before, doing }: { before: Served | undefined; doing: Doing },
): Promise<void> {
  const { clock } = releasing.world;
  const endsAt = clock.now() + spec.bakeMs;
  const patience = new Map(hosts.map((host) => [host, new Patience()]));
  for (let left = spec.bakeMs; left > 0; left = endsAt - clock.now()) {
    await clock.sleep(Math.min(lookEveryMs, left), doing.signal);
    await Promise.all(hosts.map((host) => lookAtHealth(releasing, host, patience.get(host), doing.signal)));
    const after = await servedBy(releasing, hosts, doing.signal);
    const verdict = canaryVerdict(spec, { before, after, queries: [] });
    if (verdict.kind === "bad") throw failed(hosts, verdict.words);
    doing.progress(verdict.words);
  }
}

/** A canary that no longer answers fails no request any more: it is out, and that is the verdict. */
async function lookAtHealth(
  { world, course, visited }: Releasing,
  name: string,
  patience: Patience | undefined,
  signal: AbortSignal,
): Promise<void> {
  const end = visited.find(({ host }) => host === name);
  if (!end) return;
  const host = placeAt(course, hostNamed(course, name), end.port);
  const container = await outcomeOf(containerAt(world, course, end, signal));
  signal.throwIfAborted();
  const what = { host, container: container.ok ? container.value : "", release: course.release, port: end.port };
  const complaint =
    (await complaintOf(world, course, what, signal)) ?? (await complaintOfBalancers(world, course, host, { signal }));
  if (patience?.isOver(complaint)) throw failed([name], `it went bad while it was watched: ${complaint}`);
}

/** What the canary hosts have answered so far, at all balancers together; undefined where no balancer counts by host. */
async function servedBy(
  { world, course, visited }: Releasing,
  hosts: readonly string[],
  signal: AbortSignal,
): Promise<Served | undefined> {
  const ends = visited.filter(({ host }) => hosts.includes(host));
  const servers = new Set(ends.map(({ host, port }) => placeAt(course, hostNamed(course, host), port).server));
  const looks = await Promise.all(balancersOf(course).map((at) => world.balancer.look(at, signal, restartPatience)));
  const counts = looks.flat().flatMap(({ server, served }) => (served && servers.has(server) ? [served] : []));
  if (counts.length === 0) return undefined;
  return counts.reduce((sum, count) => ({
    requests: sum.requests + count.requests,
    failed: sum.failed + count.failed,
  }));
}

async function askQueries(
  { world, course }: Releasing,
  { spec: { queries }, hosts }: Canary,
  { signal }: Doing,
): Promise<readonly Measured[]> {
  const prometheus = course.prometheus;
  if (!prometheus || queries.length === 0)
    return queries.map((spec) => ({ spec, reason: "fleet.yaml names no Prometheus for the environment" }));
  const secret = prometheus.token && (await outcomeOf(world.secrets.reveal(prometheus.token.secret)));
  if (secret && !secret.ok) return queries.map((spec) => ({ spec, reason: secret.error.message }));
  const at = { url: prometheus.url, ...(secret ? { token: secret.value } : {}) };
  const scene = { hosts: hosts.map((host) => hostNamed(course, host)), release: course.release };
  return Promise.all(
    queries.map(async (spec): Promise<Measured> => {
      let reason = "it gave no number";
      const hear = (words: string) => {
        reason = words;
      };
      const value = await world.metrics.number({ ...at, query: fillQuery(spec.query, scene) }, signal, hear);
      return value === undefined ? { spec, reason } : { spec, value };
    }),
  );
}

async function runCommands({ world, course }: Releasing, { spec, hosts }: Canary, doing: Doing): Promise<void> {
  const bad = await runFromCheckout(world, course, { steps: spec.commands, id: "canary", hosts }, doing);
  if (bad) throw failed(hosts, `"${bad.step}" ${bad.how}.`, bad.lastLines);
}

const failed = (hosts: readonly string[], words: string, lastLines?: string): SlipwayError =>
  new SlipwayError("canary.failed", `The canary on ${hosts.join(", ")} did not do well: ${words}`, {
    ...(lastLines === undefined ? {} : { lastLines }),
  });

const notMeasured = (words: string) =>
  new SlipwayError("canary.not-measured", `The canary could not be judged: ${words}`).toRecord();
