import { readdir, readFile, readlink } from "node:fs/promises";

export type ProcessSight = { readonly pid: number; readonly command: string };

/** The processes whose command line or working directory is in the directory. Linux only: elsewhere there are none. */
export const processesBelow = (directory: string): Promise<ProcessSight[]> =>
  processesThat(async (pid, command) => {
    if (command.includes(`${directory}/`) || command.endsWith(directory)) return true;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    return cwd === directory || cwd.startsWith(`${directory}/`);
  });

/** The processes of a container engine's control group, and with them those that only see their container's files. */
export const processesInGroup = (name: string): Promise<ProcessSight[]> =>
  processesThat(async (pid) =>
    (await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => ""))
      .split("\n")
      .some((line) => line.slice(line.indexOf("/")).split("/")[1] === name),
  );

/** The processes that were started with this in their environment, whoever their parent is by now. */
export const processesWith = (variable: string): Promise<ProcessSight[]> =>
  processesThat(async (pid) =>
    (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0").includes(variable),
  );

/** False where the process is gone already. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

const processesThat = async (matches: (pid: number, command: string) => Promise<boolean>): Promise<ProcessSight[]> => {
  const pids = (await readdir("/proc").catch(() => [])).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
  const sights = await Promise.all(
    pids.map(async (pid) => {
      const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim();
      // Kernel threads and zombies have none.
      return command && (await matches(pid, command)) ? { pid, command } : undefined;
    }),
  );
  return sights.filter((sight) => sight !== undefined);
};
