import type { ReadinessShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { cut } from "./table.ts";
import { counted, duration, shortSha } from "./words.ts";

/** What a roll back of each place would go to, and how soon. */
export const renderReadiness = (all: readonly ReadinessShape[], paint: Paint): string[] =>
  all.length === 0 ? ["Nothing is live anywhere yet."] : all.flatMap((one) => placeLines(one, paint));

const placeLines = (readiness: ReadinessShape, paint: Paint): string[] => {
  const { service, environment, live, release, commit, hosts, ready, expectedSeconds } = readiness;
  const place = `${printableLine(service)} in ${printableLine(environment)}`;
  const against = obstacles(readiness);
  if (release === undefined) return [`${place}: no earlier good release to roll back to`, ...against];
  const what = commit ? `, ${shortSha(commit.sha)} ${cut(printableLine(commit.subject), 50)}` : "";
  const holding = hosts.filter(({ holdsImage }) => holdsImage === true).length;
  const soon = expectedSeconds === undefined ? "" : `, about ${duration(expectedSeconds * 1_000)}`;
  const images = `${holding} of ${counted(hosts.length, "host")} hold its image${soon}`;
  return [
    `${place}: back ${live === undefined ? "" : `from release ${live} `}to release ${release}${what}`,
    `  ${ready ? paint("ready", "green") : paint("not ready at once", "yellow")}: ${images}`,
    ...namesOf(hosts, false, "must pull it first"),
    ...namesOf(hosts, undefined, "could not be looked at"),
    ...against,
  ];
};

/** What a roll back would be refused for, and what it would end first. */
const obstacles = ({ refusals, underWay }: ReadinessShape): string[] => [
  ...(underWay ? [`  rollout ${underWay.number} of release ${underWay.release} is ${underWay.state} there`] : []),
  ...refusals.flatMap(({ reason, advice }) => [
    `  refused now: ${printableLine(reason)}`,
    `    ${printableLine(advice)}`,
  ]),
];

const namesOf = (hosts: ReadinessShape["hosts"], holds: boolean | undefined, words: string): string[] => {
  const names = hosts.filter(({ holdsImage }) => holdsImage === holds).map(({ name }) => printableLine(name));
  return names.length === 0 ? [] : [`  ${words}: ${names.join(", ")}`];
};
