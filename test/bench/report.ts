/** The table that a person reads. */
import type { Measured } from "./measured.ts";
import { type WayFigures, ways } from "./rolling.ts";

const titles = {
  floor: "bare commands (the floor)",
  slipway: "Slipway",
  ansible: "Ansible, the playbook of LAB.md",
  ansibleTuned: "Ansible, squeezed",
} as const;

export function report(measured: Measured): string {
  const parts = [rollingLines(measured), pushLines(measured), fleetLines(measured), targetLines(measured)];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `\n${lines.join("\n")}\n`)
    .join("");
}

function rollingLines({ rolling }: Measured): string[] {
  if (!rolling) return [];
  const found = ways.flatMap((way) => (rolling[way] ? [[way, rolling[way]] as const] : []));
  const floor = rolling.floor?.medianSeconds;
  const row = ([way, { medianSeconds, seconds, requests, failed }]: readonly [keyof typeof titles, WayFigures]) => [
    titles[way],
    `${medianSeconds.toFixed(2)} s`,
    floor ? `${(medianSeconds / floor).toFixed(2)} x` : "",
    `${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)}`,
    `${failed} of ${requests}`,
  ];
  return [
    "Rolling release, four hosts, one at a time",
    ...table([["", "median", "floor", "all", "failed requests"], ...found.map(row)]),
    ...found.flatMap(([way, { stepsMs }]) => (stepsMs ? [`  ${titles[way]}, ms: ${stepWords(stepsMs)}`] : [])),
  ];
}

const stepWords = (steps: Readonly<Record<string, number>>): string =>
  Object.entries(steps)
    .map(([step, ms]) => `${step} ${ms}`)
    .join(", ");

function pushLines({ push }: Measured): string[] {
  if (!push) return [];
  const rows = push.rounds.map((round, index) => [
    `${index + 1}`,
    ...[round.totalSeconds, round.userSeconds, round.imageSeconds, round.rolloutSeconds].map(
      (s) => `${s.toFixed(2)} s`,
    ),
  ]);
  return [
    "From git push to live on four hosts",
    ...table([["round", "all", "user's commands", "image", "rollout"], ...rows]),
  ];
}

function fleetLines({ simulated }: Measured): string[] {
  if (!simulated) return [];
  const rows = simulated.map(({ hosts, orchestratorCpuMsPerHost, cpuMsPerHost, peakMemoryMb, seconds }) => [
    `${hosts}`,
    `${orchestratorCpuMsPerHost.toFixed(2)} ms`,
    `${cpuMsPerHost.toFixed(2)} ms`,
    `${Math.round(peakMemoryMb)} MB`,
    `${seconds.toFixed(1)} s`,
  ]);
  return [
    "Simulated hosts, batches of 5 %",
    ...table([["hosts", "CPU a host, Slipway's own", "with the simulator", "peak memory", "took"], ...rows]),
  ];
}

const targetLines = ({ targets }: Measured): string[] => [
  "Targets",
  ...table(
    targets.map(({ name, wanted, measured, isMet }) => [name, wanted, String(measured), isMet ? "met" : "MISSED"]),
  ),
];

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
