import { readdir, readFile } from "node:fs/promises";

/** Every process that `runProcess` starts, and all that come of it, carry this in their environment. */
export const markerName = "SLIPWAY_PROCESS";

const roundsAllowed = 20;
const lookAgainMs = 20;

/**
 * Ends what left its process group (a daemon of a build step): found by the mark in its environment. Only Linux can
 * be asked for another process's environment; elsewhere the group is all there is.
 */
export async function endMarked(mark: string): Promise<void> {
  for (let round = 0; round < roundsAllowed; round++) {
    const found = await marked(mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

async function marked(mark: string): Promise<number[]> {
  const entries = await readdir("/proc").catch(() => [] as string[]);
  const wanted = `${markerName}=${mark}`;
  const pids = entries.filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  const seen = await Promise.all(
    pids.map(async (pid) => {
      // Gone meanwhile, or somebody else's: either way not ours.
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(wanted) && !(await isZombie(pid)) ? Number(pid) : undefined;
    }),
  );
  return seen.filter((pid) => pid !== undefined);
}

const isZombie = async (pid: string): Promise<boolean> =>
  / Z /.test((await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")).replace(/^.*\)/, ""));

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ESRCH: it ended by itself
  }
}
