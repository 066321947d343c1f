import { pauseReason } from "#contract/rollout-words.ts";
import type { BuildShape, GroupShape, HostShape, Overview, RolloutShape, SourceShape } from "#contract/shapes.ts";
import type { Colour, Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { type Cell, cut, tableLines } from "./table.ts";
import { ago, shortSha } from "./words.ts";

const buildsShown = 5;

/** `slipway status`: what is live where, what runs now, what was built last, what is wrong with a source. */
export const renderStatus = (overview: Overview, paint: Paint, now: number): string[] => {
  const groups = overview.environments.flatMap((environment) => environment.groups);
  const rollouts = groups.flatMap(({ rollout }) => rollout ?? []);
  return [
    ...rollouts.flatMap((rollout) => (rollout.pause ? [...pausedLines(rollout, now, paint), ""] : [])),
    ...overview.environments.flatMap(({ name, network, groups: own }) => [
      `${paint(printableLine(name), "bold")} ${paint(`(network ${printableLine(network)})`, "dim")}`,
      ...(own.length === 0 ? ["  no service"] : own.flatMap((group) => indented(groupLines(group, paint, now)))),
    ]),
    ...section(
      "Rollouts that run or wait",
      rollouts.map((rollout) => rolloutRow(rollout, now)),
      paint,
    ),
    ...section("Put drifted hosts right with", groups.flatMap(correctionRow), paint),
    ...section(
      "Last builds",
      overview.builds.slice(0, buildsShown).map((build) => buildRow(build, now)),
      paint,
    ),
    ...section(
      "Sources with errors",
      overview.sources.filter((source) => source.error).map((one) => sourceRow(one, now)),
      paint,
    ),
  ];
};

/** First of all, as nothing goes on there without a person. */
const pausedLines = (rollout: RolloutShape, now: number, paint: Paint): string[] => {
  const { pause, number, service, environment } = rollout;
  if (!pause) return [];
  const place = `${printableLine(service)} in ${printableLine(environment)}`;
  return [
    paint(
      `Rollout ${number} of ${place} was paused ${ago(pause.since, now)}: ${printableLine(pauseReason(pause))}`,
      "red",
    ),
    `  ${printableLine(pause.message)}`,
    `  slipway steer ${number} <${pause.choices.join("|")}>`,
  ];
};

const groupLines = (group: GroupShape, paint: Paint, now: number): string[] => [
  `${printableLine(group.service)}: ${live(group, now)}`,
  ...indented(tableLines(group.hosts.map(hostRow), paint)),
];

const live = ({ liveRelease, liveCommit, liveSince }: GroupShape, now: number): string => {
  if (liveRelease === undefined) return "nothing released yet";
  const commit = liveCommit ? `, ${shortSha(liveCommit.sha)} ${cut(printableLine(liveCommit.subject), 50)}` : "";
  return `release ${liveRelease}${commit}${liveSince ? `, since ${ago(liveSince, now)}` : ""}`;
};

const hostRow = (host: HostShape): Cell[] => [
  printableLine(host.name),
  host.release === undefined ? "no release" : `release ${host.release}`,
  hostState(host),
  ...wrong(host),
];

/** What is wrong with it, in words; a host that cannot be looked at drifts by that very problem. */
const wrong = ({ problem, drift }: HostShape): Cell[] => {
  if (problem) return [{ text: printableLine(problem), colour: "red" }];
  return drift ? [{ text: `drifted: ${printableLine(drift.message)}`, colour: "yellow" }] : [];
};

/** Only what a rollout can put right: neither an outage nor what somebody set at a balancer. */
const correctionRow = ({ service, environment, hosts }: GroupShape): Cell[][] => {
  const names = hosts.filter(({ drift }) => drift?.kind === "release" || drift?.kind === "stopped");
  if (names.length === 0) return [];
  const words = [service, environment, ...names.map(({ name }) => name)].map(printableLine);
  return [[`slipway correct ${words.join(" ")}`]];
};

const hostState = ({ inService, balancerState }: HostShape): Cell => {
  const balancer = balancerState ? ` (${printableLine(balancerState)})` : "";
  if (inService === undefined) return { text: "not looked at yet", colour: "dim" };
  return inService ? { text: "in service", colour: "green" } : { text: `out of service${balancer}`, colour: "yellow" };
};

const rolloutRow = (rollout: RolloutShape, now: number): Cell[] => [
  `rollout/${rollout.number}`,
  { text: rollout.state, colour: stateColour(rollout.state) },
  `${printableLine(rollout.service)} release ${rollout.release} to ${printableLine(rollout.environment)}`,
  `by ${printableLine(rollout.by)}`,
  ago(rollout.startedAt ?? rollout.createdAt, now),
];

const buildRow = (build: BuildShape, now: number): Cell[] => [
  `build/${build.number}`,
  { text: build.state, colour: stateColour(build.state) },
  printableLine(build.source),
  `${shortSha(build.commit.sha)} ${printableLine(build.commit.branch)}`,
  cut(printableLine(build.commit.subject), 50),
  ago(build.endedAt ?? build.startedAt ?? build.createdAt, now),
];

const sourceRow = (source: SourceShape, now: number): Cell[] => [
  printableLine(source.name),
  { text: printableLine(source.error ?? ""), colour: "red" },
  `failed ${source.failures} times, last seen ${ago(source.lastSeenAt, now)}`,
];

/** Green is good, red needs a person, yellow goes on. */
export const stateColour = (state: string): Colour | undefined => {
  if (["succeeded", "ok", "released"].includes(state)) return "green";
  if (["failed", "stuck", "paused", "aborted"].includes(state)) return "red";
  if (["running", "waiting", "warning", "refused", "put-back", "left-out"].includes(state)) return "yellow";
  return undefined;
};

const section = (title: string, rows: Cell[][], paint: Paint): string[] =>
  rows.length === 0 ? [] : ["", paint(title, "bold"), ...indented(tableLines(rows, paint))];

export const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
