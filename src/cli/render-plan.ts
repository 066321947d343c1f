import type { PlanShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { indented } from "./render-status.ts";
import { counted } from "./words.ts";

/** The exact sequence a rollout would follow, or the reasons why it must not start. */
export const renderPlan = (plan: PlanShape, paint: Paint): string[] => [
  paint(`${printableLine(plan.service)} release ${plan.release} to ${printableLine(plan.environment)}`, "bold"),
  `  image        ${printableLine(plan.image)}`,
  `  in service   ${counted(plan.inService, "host")}, never fewer than ${plan.minHealthy}`,
  ...plan.batches.map((batch, index) => {
    const hosts = batch.hosts.map((host) => `${printableLine(host.name)} (${change(host, plan.release)})`);
    return `  batch ${index + 1}      ${hosts.join(", ")}; ${batch.inServiceMeanwhile} in service meanwhile`;
  }),
  ...(plan.upToDate.length > 0 ? [`  up to date   ${plan.upToDate.map(printableLine).join(", ")}: not touched`] : []),
  ...(plan.refusals.length > 0 ? refusals(plan, paint) : steps(plan, paint)),
];

const change = (host: PlanShape["batches"][number]["hosts"][number], to: number): string =>
  `${host.from === undefined ? "nothing" : `release ${host.from}`} -> ${to}${host.pull ? ", pulls the image" : ""}`;

const steps = (plan: PlanShape, paint: Paint): string[] => [
  "",
  paint("Sequence", "bold"),
  ...indented(plan.steps.map((step, index) => `${String(index + 1).padStart(2)}. ${printableLine(step)}`)),
];

const refusals = (plan: PlanShape, paint: Paint): string[] => [
  "",
  paint("Refused: nothing would be touched", "red"),
  ...plan.refusals.flatMap(({ reason, advice }) => [`  - ${printableLine(reason)}`, `    ${printableLine(advice)}`]),
];
