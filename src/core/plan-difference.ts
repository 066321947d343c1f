import type { Plan } from "#core/plan.ts";

/** Why the plan that is made now is not the one that was shown, a line each; none when it does the same. */
export function planDifference(shown: Plan, now: Plan): readonly string[] {
  const words = [...hostDifference(shown, now), ...serviceDifference(shown, now)];
  return [
    ...words,
    // What is visited besides, or no more, changes the order by itself.
    ...(words.length === 0 && orderOf(shown) !== orderOf(now) ? [`the order changed to ${orderOf(now)}`] : []),
    ...(shown.strategy === now.strategy ? [] : [`the strategy is ${now.strategy}, it was ${shown.strategy}`]),
    ...listed(without(now.holds, shown.holds), ["is held as well", "are held as well"]),
    ...listed(without(shown.holds, now.holds), ["is not held any more", "are not held any more"]),
    ...without(now.warnings.map(warning), shown.warnings.map(warning)),
    ...without(now.refusals.map(refusal), shown.refusals.map(refusal)),
  ];
}

function hostDifference(shown: Plan, now: Plan): string[] {
  const before = visitedBy(shown);
  const after = visitedBy(now);
  const pulls = (plan: Plan) => pulling(plan).filter((name) => before.includes(name) && after.includes(name));
  return [
    ...(shown.release === now.release ? [] : [`release ${now.release} instead of ${shown.release}`]),
    ...listed(without(now.skipped, shown.skipped), [
      "cannot be reached and is left out",
      "cannot be reached and are left out",
    ]),
    ...listed(without(shown.skipped, now.skipped), ["can be reached again", "can be reached again"]),
    ...listed(without(after, before), ["must be visited as well", "must be visited as well"]),
    ...listed(without(before, [...after, ...now.skipped]), ["needs no visit any more", "need no visit any more"]),
    ...listed(without(pulls(now), pulls(shown)), ["must pull the image", "must pull the image"]),
    ...listed(without(pulls(shown), pulls(now)), ["holds the image already", "hold the image already"]),
  ];
}

const serviceDifference = (shown: Plan, now: Plan): string[] => [
  ...(shown.inService === now.inService
    ? []
    : [`${now.inService} hosts are in service, ${shown.inService} were when the plan was shown`]),
  ...(shown.minHealthy === now.minHealthy
    ? []
    : [`at least ${now.minHealthy} hosts stay in service, it was ${shown.minHealthy}`]),
];

const without = (all: readonly string[], others: readonly string[]): string[] =>
  all.filter((each) => !others.includes(each));

const listed = (names: readonly string[], [one, many]: readonly [string, string]): string[] =>
  names.length === 0 ? [] : [`${names.join(", ")} ${names.length > 1 ? many : one}`];

const warning = ({ message }: Plan["warnings"][number]): string => `worth a look: ${message}`;
const refusal = ({ reason }: Plan["refusals"][number]): string => `refused: ${reason}`;

const visitedBy = ({ batches }: Plan): string[] => batches.flatMap(({ hosts }) => hosts.map(({ name }) => name));

const pulling = ({ batches }: Plan): string[] =>
  batches.flatMap(({ hosts }) => hosts.filter(({ pull }) => pull).map(({ name }) => name));

const orderOf = ({ batches }: Plan): string =>
  batches.map((batch) => batch.hosts.map((host) => host.name).join("+")).join(", ");
