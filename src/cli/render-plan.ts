import { pullWords, strategyWords } from "#contract/rollout-words.ts";
import type { PlanShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { indented } from "./render-status.ts";
import { type Cell, tableLines } from "./table.ts";
import { counted, duration } from "./words.ts";

/** More hosts than this are counted, not drawn. */
const drawnHosts = 24;

/** What a rollout would do: capacity at every point, what is worth a look, and its exact sequence or its refusals. */
export const renderPlan = (plan: PlanShape, paint: Paint): string[] => [
  paint(
    `${titles[plan.reason]}${printableLine(plan.service)} release ${plan.release} to ${printableLine(plan.environment)}`,
    "bold",
  ),
  ...indented(tableLines([...facts(plan), ...plan.batches.map((_, index) => batchRow(plan, index))], paint)),
  ...(plan.warnings.length > 0 ? ["", paint("Worth a look", "yellow"), ...advised(plan.warnings, "message")] : []),
  ...(plan.refusals.length > 0
    ? ["", paint("Refused: nothing would be touched", "red"), ...advised(plan.refusals, "reason")]
    : ["", paint("Sequence", "bold"), ...numbered(plan.steps)]),
];

const titles: Readonly<Record<PlanShape["reason"], string>> = {
  commit: "",
  deploy: "",
  join: "Joining: ",
  rollback: "Roll back: ",
  correct: "Correction: ",
};

/** What a person sees before a deploy begins: the same without the sequence, which follows as it happens. */
export const renderPlanInShort = (plan: PlanShape, paint: Paint): string[] => [
  ...renderPlan({ ...plan, steps: [] }, paint).slice(0, -2),
  ...(plan.batches.length === 0 ? plan.steps.map((step) => `  ${printableLine(step)}`) : []),
];

const facts = (plan: PlanShape): Cell[][] => [
  ["image", printableLine(plan.image)],
  ["strategy", `${plan.strategy}: ${strategyWords[plan.strategy]}`],
  ["in service", `${counted(plan.inService, "host")}, never fewer than ${plan.minHealthy}`],
  ...(plan.expectedSeconds === undefined || plan.batches.length === 0
    ? []
    : [["expected", `about ${duration(plan.expectedSeconds * 1_000)}, by what earlier rollouts took here`]]),
  ...plan.holds.map((hold, index): Cell[] => [index === 0 ? "held" : "", printableLine(hold)]),
  ...(plan.upToDate.length > 0 ? [["up to date", `${list(plan.upToDate)}: not touched`]] : []),
  ...(plan.skipped.length > 0
    ? [["left out", { text: `${list(plan.skipped)}: cannot be reached`, colour: "yellow" as const }]]
    : []),
];

const batchRow = (plan: PlanShape, index: number): Cell[] => {
  const batch = plan.batches[index];
  if (!batch) return [];
  const name = plan.strategy === "canary" && index === 0 ? "canary" : `batch ${index + 1}`;
  const hosts = batch.hosts.map((host) => `${printableLine(host.name)} (${change(host, plan.release)})`);
  return [name, `${capacity(plan, batch.inServiceMeanwhile)}  ${hosts.join(", ")}`];
};

/** `■■■□ 3 in service`: a square for each host of the group. */
const capacity = ({ batches, upToDate, skipped }: PlanShape, inService: number): string => {
  const total = batches.reduce((sum, batch) => sum + batch.hosts.length, upToDate.length + skipped.length);
  const squares = `${"■".repeat(Math.min(inService, total))}${"□".repeat(Math.max(0, total - inService))} `;
  return `${total > drawnHosts ? "" : squares}${inService} of ${total} in service`;
};

const change = (host: PlanShape["batches"][number]["hosts"][number], to: number): string =>
  `${host.from === undefined ? "nothing" : `release ${host.from}`} -> ${to}${pullWords(host)}`;

const numbered = (steps: readonly string[]): string[] =>
  indented(
    steps.map(
      (step, index) => `${String(index + 1).padStart(2)}. ${step.startsWith(" ") ? "  " : ""}${printableLine(step)}`,
    ),
  );

const advised = <Key extends string>(
  items: readonly ({ readonly advice: string } & Readonly<Record<Key, string>>)[],
  key: Key,
): string[] => items.flatMap((item) => [`  - ${printableLine(item[key])}`, `    ${printableLine(item.advice)}`]);

const list = (hosts: readonly string[]): string => hosts.map(printableLine).join(", ");
