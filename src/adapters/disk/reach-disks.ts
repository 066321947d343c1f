import type { DiskSpace, Disks } from "#ports/disks.ts";
import type { Reach } from "#ports/reach.ts";

/** Where Docker keeps its images unless it was told otherwise. */
const directory = "/var/lib/docker";
const bytesPerKib = 1024;

/** The hosts' disks, by `df` over SSH. */
export const reachDisks = ({ reach }: { readonly reach: Reach }): Disks => ({
  async space({ network, host }, signal) {
    if (!network.ssh) return undefined;
    const { exitCode, stdout } = await reach.run(network, host, ["df", "-Pk", directory], signal);
    return exitCode === 0 ? spaceOf(stdout) : undefined;
  },
});

/** The last line of `df -Pk`: file system, total, used, free, per cent, mount point. */
export function spaceOf(text: string): DiskSpace | undefined {
  const fields = text.trim().split("\n").at(-1)?.split(/\s+/) ?? [];
  const [total, free] = [Number(fields[1]), Number(fields[3])];
  if (!Number.isFinite(total) || !Number.isFinite(free)) return undefined;
  return { totalBytes: total * bytesPerKib, freeBytes: free * bytesPerKib };
}
