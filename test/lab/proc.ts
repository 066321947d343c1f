/** What /proc says about processes; a process that is gone is an ordinary answer here, never an error. */
import { readdirSync, readFileSync } from "node:fs";

export function textOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone, or going: the file of a process that ends between listing and reading.
    return undefined;
  }
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function argvOf(pid: number): string[] {
  return textOrNothing(`/proc/${pid}/cmdline`)?.split("\0").slice(0, -1) ?? [];
}

/** The first child of a process, as a pid of this machine, also when the child is pid 1 of its own namespace. */
export function childOf(pid: number): number | undefined {
  const [first] = textOrNothing(`/proc/${pid}/task/${pid}/children`)?.split(" ").filter(Boolean) ?? [];
  return first === undefined ? undefined : Number(first);
}

/** Clock ticks since boot at which the process started: with the pid it names one process for good. */
export function startedAt(pid: number): string | undefined {
  const stat = textOrNothing(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold spaces; the start time is the 22nd.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Whether something listens on that TCP port in the network namespace of that process. */
export function isListening(pid: number, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const listenState = "0A";
  return ["tcp", "tcp6"].some((table) =>
    textOrNothing(`/proc/${pid}/net/${table}`)
      ?.split("\n")
      .map((line) => line.trim().split(/\s+/))
      .some((field) => field[1]?.endsWith(local) && field[3] === listenState),
  );
}
