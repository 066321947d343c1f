import type { Plan } from "#core/plan.ts";

/** Why the plan that is made now is not the one that was shown, a line each; none when it does the same. */
export function planDifference(shown: Plan, now: Plan): readonly string[] {
  const words: string[] = [];
  const before = hostsOf(shown);
  const after = hostsOf(now);
  const added = [...after].filter((host) => !before.has(host));
  const gone = [...before].filter((host) => !after.has(host));
  if (shown.release !== now.release) words.push(`release ${now.release} instead of ${shown.release}`);
  if (added.length > 0) words.push(`${added.join(", ")} must be visited as well`);
  if (gone.length > 0) words.push(`${gone.join(", ")} ${gone.length > 1 ? "need" : "needs"} no visit any more`);
  if (shown.inService !== now.inService)
    words.push(`${now.inService} hosts are in service, ${shown.inService} were when the plan was shown`);
  if (words.length === 0 && orderOf(shown) !== orderOf(now)) words.push(`the order changed to ${orderOf(now)}`);
  if (shown.strategy !== now.strategy) words.push(`the strategy is ${now.strategy}, it was ${shown.strategy}`);
  return words;
}

const hostsOf = ({ batches }: Plan): ReadonlySet<string> =>
  new Set(batches.flatMap((batch) => batch.hosts.map((host) => host.name)));

const orderOf = ({ batches }: Plan): string =>
  batches.map((batch) => batch.hosts.map((host) => host.name).join("+")).join(", ");
