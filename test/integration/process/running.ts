import { readdir, readFile } from "node:fs/promises";

/** Processes whose command line holds the word, the dead that nobody has collected left out. */
export async function running(word: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  const lines = await Promise.all(
    // Empty where it has ended meanwhile, as it is of a zombie.
    pids.map(async (pid) => ({ pid, line: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") })),
  );
  return lines.filter(({ line }) => line.includes(word)).map(({ pid }) => Number(pid));
}
