import type { DiskSpace, MachineSight } from "#ports/machines.ts";
import { mark } from "./commands.ts";

const bytesPerKib = 1024;

export function machineSight(text: string): MachineSight {
  const [df = "", listening] = text.split(`${mark}\n`);
  const disk = spaceOf(df);
  return {
    ...(disk ? { disk } : {}),
    ...(listening === undefined ? {} : { listening: portsOf(listening) }),
  };
}

/** The last line of `df -Pk`: file system, total, used, free, per cent, mount point. */
function spaceOf(text: string): DiskSpace | undefined {
  const fields = text.trim().split("\n").at(-1)?.split(/\s+/) ?? [];
  const [total, free] = [Number(fields[1]), Number(fields[3])];
  if (!Number.isFinite(total) || !Number.isFinite(free)) return undefined;
  return { totalBytes: total * bytesPerKib, freeBytes: free * bytesPerKib };
}

/** `0100007F:1F90` is port 8080. */
const portsOf = (text: string): readonly number[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => Number.parseInt(line.split(":").at(-1) ?? "", 16))
      .filter((port) => Number.isInteger(port)),
  ),
];

/** Where the engine keeps its images, as it says itself; undefined where the answer is no engine's. */
export function rootDirectory(text: string): string | undefined {
  try {
    const said: unknown = JSON.parse(text);
    if (said === null || typeof said !== "object" || !("DockerRootDir" in said)) return undefined;
    return typeof said.DockerRootDir === "string" && said.DockerRootDir.startsWith("/")
      ? said.DockerRootDir
      : undefined;
  } catch {
    return undefined;
  }
}
