import { readdir, readFile } from "node:fs/promises";
import { deadLabs } from "../../test/lab/lab-files.ts";
import { containersWith } from "../setup/engine-api.ts";
import { type ProcessSight, processesBelow, processesWith, signalProcess } from "../setup/processes.ts";
import { waitUntil } from "../setup/wait-until.ts";

/** Everything a test run is known by: what it starts has this variable, or works below this directory. */
export type RunMarks = { readonly variable: string; readonly directory: string; readonly socketPath?: string };

/** What the machine had before the run, so that only the run's own is counted. */
export type Before = {
  readonly namespaces: readonly string[];
  readonly labs: readonly string[];
  readonly containers: readonly string[];
};

const goneDeadlineMs = 10_000;

export const lookBefore = async (marks: RunMarks): Promise<Before> => ({
  namespaces: await namespaces(),
  labs: deadLabs(),
  containers: await containers(marks),
});

/** What the run left behind, one line each. All of it gets a moment to go; processes that do not are then killed. */
export const leftovers = async (marks: RunMarks, before: Before, patienceMs = goneDeadlineMs): Promise<string[]> => {
  let left: string[] = [];
  const isClean = async (): Promise<boolean> => {
    left = await lookAfter(marks, before);
    return left.length === 0;
  };
  // At the deadline `left` says what is still there; that is the answer, not an error.
  await waitUntil(isClean, patienceMs, () => "still there", 200).catch(() => {});
  for (const { pid } of await processes(marks)) signalProcess(pid, "SIGKILL");
  return left;
};

const lookAfter = async (marks: RunMarks, before: Before): Promise<string[]> => [
  ...(await processes(marks)).map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`),
  ...(await mountsBelow(marks.directory)).map((point) => `mount ${point}`),
  ...added(await namespaces(), before.namespaces).map((name) => `network namespace ${name}`),
  ...added(deadLabs(), before.labs).map((name) => `lab ${name}`),
  ...added(await containers(marks), before.containers).map((name) => `container ${name}`),
];

const added = (now: readonly string[], before: readonly string[]): string[] =>
  now.filter((name) => !before.includes(name));

const processes = async (marks: RunMarks): Promise<ProcessSight[]> => {
  const both = [...(await processesWith(marks.variable)), ...(await processesBelow(marks.directory))];
  return [...new Map(both.map((sight) => [sight.pid, sight])).values()];
};

const namespaces = (): Promise<string[]> => readdir("/run/netns").catch(() => []);

const containers = async ({ socketPath }: RunMarks): Promise<string[]> =>
  socketPath ? (await containersWith(socketPath, "slipway.service")).map(({ name }) => name) : [];

const mountsBelow = async (directory: string): Promise<string[]> => {
  const lines = (await readFile("/proc/self/mountinfo", "utf8").catch(() => "")).split("\n");
  return lines.map((line) => line.split(" ")[4] ?? "").filter((point) => point.startsWith(`${directory}/`));
};
