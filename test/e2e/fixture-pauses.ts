import type { ErrorShape, GroupShape, PauseShape, PlanShape, RolloutDetail } from "#contract/shapes.ts";
import { busyFixture, type Fixture, secondsAgo, stillBroken } from "./fixture-states.ts";
import { TimelineWriter } from "./fixture-timelines.ts";
import { ago, commitOf, group, host, plan, rollout } from "./fixture-values.ts";

const names = ["web-1", "web-2", "web-3"];

/** A rollout that stopped at web-2 and asks, and hosts that run what nobody rolled out there. */
export function pausedFixture(): Fixture {
  const busy = busyFixture();
  const detail = pausedDetail();
  const production = group("production", 6, {
    hosts: [host("web-1", 8), host("web-2", 8, { inService: false, balancerState: "draining" }), host("web-3", 6)],
    rollout: detail.rollout,
  });
  const { environments, rollouts } = busy.overview;
  const [approval] = environments.slice(1);
  return withDetails(busy, [detail, joinedDetail(), supersededDetail(), blueGreenDetail(), abortedDetail()], {
    ...busy.overview,
    environments: [
      { name: "production", network: "private", groups: [production] },
      { name: "staging", network: "private", groups: [driftedGroup()] },
      ...(approval ? [{ ...approval, name: "proving", groups: approval.groups.map(proving) }] : []),
    ],
    rollouts: [detail.rollout, ...rollouts.filter(({ number }) => number !== 12)],
  });
}

function withDetails(busy: Fixture, details: readonly RolloutDetail[], overview: Fixture["overview"]): Fixture {
  const rollouts = { ...busy.rollouts };
  for (const detail of details) rollouts[detail.rollout.id] = detail;
  const own = details.slice(1).map((detail) => detail.rollout);
  return { ...busy, rollouts, overview: { ...overview, rollouts: [...overview.rollouts, ...own] } };
}

const proving = (each: GroupShape): GroupShape => ({ ...each, environment: "proving" });

const driftedGroup = () =>
  group("staging", 7, {
    hosts: [
      host("stage-1", 7),
      host("stage-2", 5, { drift: { kind: "release", message: "runs release 5; 7 is live", since: ago(400) } }),
      {
        ...host("stage-3", 7, { inService: false, balancerState: "maintenance" }),
        drift: { kind: "out-of-service", message: "gets no requests: maintenance", since: ago(7_200) },
      },
    ],
  });

export const failurePause: PauseShape = {
  number: 1,
  why: "failure",
  message: stillBroken.message,
  error: { ...stillBroken, host: "web-2" },
  hosts: ["web-2"],
  choices: ["retry", "exclude", "put-back", "roll-back", "abort"],
  since: ago(1_250),
  until: ago(1_250 - 86_400),
};

const open = (number: number, release: number, over: Partial<RolloutDetail["rollout"]>) => {
  const { receipt: _, endedAt: _end, ...rest } = rollout(number, release, over);
  return rest;
};

/** Asked for again once already; a person let it try. */
function pausedDetail(): RolloutDetail {
  const forward = { host: "web-2", direction: "forward" as const };
  const writer = new TimelineWriter("rollout-14", secondsAgo(1_500)).beginning(names).releaseHost("web-1");
  const tryWeb2 = (error: ErrorShape) =>
    writer
      .act("drain", 700, forward)
      .act("replace", 1_300, forward)
      .say({ ...forward, step: "check", phase: "started" })
      .wait(9_000)
      .fail("check", forward, error);
  tryWeb2(stillBroken).act("pause", 240_000).say({ step: "steer", phase: "succeeded", message: "ana chose retry" });
  tryWeb2(stillBroken).say({ step: "pause", phase: "started", message: stillBroken.message });
  const kept = open(14, 8, { state: "paused", startedAt: ago(1_500), createdAt: ago(1_501), pause: failurePause });
  return {
    rollout: kept,
    commit: commitOf(8),
    hosts: names,
    timeline: writer.events,
    traffic: { requests: 4_310, failed: 0, cut: 0 },
  };
}

/** A canary that did well; a host joined while the others followed, another was left out. */
function joinedDetail(): RolloutDetail {
  const canary: PlanShape = { ...plan(8, names), strategy: "canary", skipped: ["web-9"] };
  const writer = new TimelineWriter("rollout-15", secondsAgo(900));
  writer
    .say({ step: "plan", phase: "started" })
    .say({
      step: "plan",
      phase: "progress",
      message: "planned again: 3 hosts are in service, 4 were when the plan was shown",
    })
    .wait(300)
    .say({ step: "plan", phase: "succeeded" });
  writer.releaseHost("web-1");
  writer.act("canary", 20_000, { message: "0 of 431 answers failed (0.0 %, at most 1 %)" });
  const web3 = { host: "web-3" };
  writer
    .releaseHost("web-2")
    .act("drain", 700, { ...web3, direction: "forward" })
    .say({ ...web3, direction: "forward", step: "replace", phase: "started" })
    .wait(2_000)
    .fail(
      "replace",
      { ...web3, direction: "forward" },
      { ...stillBroken, message: "The engine of web-3 is out of disk." },
    )
    .act("replace", 900, { ...web3, direction: "back" })
    .act("admit", 600, { ...web3, direction: "back" })
    .releaseHost("web-4")
    .act("finish", 60);
  const done = rollout(15, 8, { plan: canary, startedAt: ago(900), endedAt: writer.events.at(-1)?.at ?? ago(0) });
  return { rollout: { ...done, excluded: ["web-3"] }, commit: commitOf(8), hosts: names, timeline: writer.events };
}

function supersededDetail(): RolloutDetail {
  const writer = new TimelineWriter("rollout-16", secondsAgo(800)).beginning(names).releaseHost("web-1");
  const error = {
    code: "rollout.superseded",
    message: "Rollout 17 of a newer commit goes on.",
    advice: "Nothing to do.",
  };
  const ended = rollout(16, 7, {
    state: "superseded",
    supersededBy: 17,
    error,
    startedAt: ago(800),
    endedAt: ago(780),
  });
  return { rollout: ended, commit: commitOf(7), hosts: names, timeline: writer.events };
}

/** Every new container stands beside the old; the switch is under way. */
function blueGreenDetail(): RolloutDetail {
  const writer = new TimelineWriter("rollout-17", secondsAgo(22)).beginning(names);
  for (const name of names) {
    const place = { host: name, direction: "forward" as const };
    writer.act("replace", 1_200, place).act("check", 3_100, place);
  }
  writer.say({ step: "switch", phase: "started" }).wait(900);
  writer.say({ step: "switch", phase: "progress", message: "edge: web-2-green is UP" });
  const kept = open(17, 8, { state: "running", startedAt: ago(22), createdAt: ago(23) });
  return {
    rollout: { ...kept, plan: { ...plan(8, names), strategy: "blue-green" } },
    commit: commitOf(8),
    hosts: names,
    timeline: writer.events,
  };
}

function abortedDetail(): RolloutDetail {
  const detail = pausedDetail();
  const { pause: _, ...rest } = detail.rollout;
  const message = `ana ended the rollout and left the hosts as they were. ${stillBroken.message}`;
  const error = { code: "rollout.aborted", message, advice: "Roll back, or deploy again." };
  const ended = { ...rest, id: "rollout-18", number: 18, state: "aborted" as const, error, endedAt: ago(1_000) };
  return { ...detail, rollout: ended };
}

/** A plan of four hosts with all there is to say, and one that is refused. */
export const richPlan: PlanShape = {
  ...plan(8, ["web-1", "web-2", "web-3", "web-4"]),
  strategy: "canary",
  skipped: ["web-5"],
  holds: ["environment lock production/hello", "alerts of hello in Alertmanager"],
  expectedSeconds: 338.4,
  warnings: [
    {
      message: "edge has seen a request of 41.2 s; a drain waits 30 s.",
      advice: "Raise `drain_timeout` above the longest request.",
    },
    { message: "web-2: the disk is 93 % full.", advice: "A full disk fails one of the next pulls." },
  ],
};

export const refusedPlan: PlanShape = {
  ...plan(8, ["web-1", "web-2", "web-3"]),
  minHealthy: 3,
  refusals: [
    {
      reason: "Batch 1 would leave 2 of 3 hosts in service; 3 are asked for.",
      advice: "Make `batch` smaller, lower `min_healthy`, or bring the hosts back that are out of service.",
    },
  ],
};
