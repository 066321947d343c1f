import { readFile } from "node:fs/promises";

/**
 * Who owns a thing that outlives a process: its id and its start time. The id alone would not do, it is used again.
 * The start time is field 22 of /proc/<pid>/stat (proc(5)), counted behind the name, which may hold spaces.
 */
export const ownerLine = async (pid: number): Promise<string> => `${pid} ${(await startTime(pid)) ?? "gone"}`;

export const isAlive = async (line: string): Promise<boolean> => {
  const [pid, start] = line.trim().split(" ");
  return Boolean(pid && start) && (await startTime(Number(pid))) === start;
};

const startTime = async (pid: number): Promise<string | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie is no owner any more.
  return fields[0] === "Z" ? undefined : fields[19];
};
