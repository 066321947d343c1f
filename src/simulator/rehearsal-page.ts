import type { Recorded } from "#simulator/recorded-run.ts";
import type { Rehearsal } from "#simulator/rehearse.ts";
import { actKey } from "#simulator/script.ts";

type Act = { readonly name: string; readonly end: string; readonly atMs: number; readonly tries: number };

/** The recorded run and the rehearsal side by side, a line an act, and what differs. */
export function rehearsalPage(recorded: Recorded, rehearsal: Rehearsal): { lines: string[]; differences: string[] } {
  const [then, now] = [actsOf(recorded.timeline), actsOf(rehearsal.timeline)];
  const names = [...new Set([...then.keys(), ...now.keys()])];
  const width = Math.max(8, ...names.map((name) => name.length));
  const differences: string[] = [];
  const lines = names.map((name) => {
    const [a, b] = [then.get(name), now.get(name)];
    if (a?.end !== b?.end)
      differences.push(
        `${name}: ${a ? `it ${a.end} then` : "it was not there then"}, ${b ? `it ${b.end} now` : "it is not there now"}`,
      );
    return `${name.padEnd(width)}  ${cell(a).padEnd(24)}${cell(b)}${a?.end === b?.end ? "" : "   differs"}`;
  });
  if (recorded.rollout.state !== rehearsal.state)
    differences.unshift(`the rollout ended as ${recorded.rollout.state} then, as ${rehearsal.state} now`);
  const head = `${"".padEnd(width)}  ${"recorded".padEnd(24)}rehearsed`;
  return { lines: [head, ...lines], differences };
}

const cell = (act: Act | undefined): string =>
  act
    ? `${(act.atMs / 1000).toFixed(1).padStart(7)} s  ${act.end}${act.tries > 1 ? ` (${act.tries} tries)` : ""}`
    : "-";

type Event = { at: string; step: string; phase: string; host?: string | undefined; direction?: string | undefined };

/** Notices are posted by workflows of their own; what people wished is seen in what came of it. */
const leftOut = new Set(["announce", "steer", "reap"]);

function actsOf(timeline: readonly Event[]): Map<string, Act> {
  const acts = new Map<string, Act>();
  const begunAt = Date.parse(timeline[0]?.at ?? "");
  for (const { at, step, phase, host, direction } of timeline) {
    if (leftOut.has(step) || phase === "progress") continue;
    const name = actKey({ host, step, direction });
    const tries = (acts.get(name)?.tries ?? 0) + (phase === "started" ? 1 : 0);
    acts.set(name, { name, end: phase, atMs: Date.parse(at) - begunAt, tries });
  }
  return acts;
}
