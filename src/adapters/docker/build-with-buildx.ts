import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildFailure } from "./build-classic.ts";
import { buildxArguments, dockerConfig } from "./build-commands.ts";
import type { Context } from "./context.ts";
import type { Building } from "./docker-images.ts";
import { OutputTail } from "./output-tail.ts";

const versionLimitMs = 10_000;
const killAfterMs = 5_000;

/** Whether this machine has a docker program with buildx. */
export async function hasBuildx(signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(versionLimitMs)]);
  const asked = spawn("docker", ["buildx", "version"], { stdio: "ignore", env: scrubbed({}), signal: limit });
  try {
    const [code] = await once(asked, "exit");
    return code === 0;
  } catch {
    // No docker program, or one that does not answer: the engine's own builder does the work.
    signal.throwIfAborted();
    return false;
  }
}

/** By BuildKit, with a docker configuration of its own that is gone afterwards. */
export async function buildWithBuildx(building: Building, context: Context): Promise<void> {
  const { wish, marks, socketPath, onOutput, signal } = building;
  const directory = await mkdtemp(join(tmpdir(), "slipway-buildx-"));
  const tail = new OutputTail(onOutput);
  try {
    await writeFile(join(directory, "config.json"), dockerConfig(wish), { mode: 0o600 });
    const env = scrubbed({ HOME: directory, DOCKER_CONFIG: directory, DOCKER_HOST: `unix://${socketPath}` });
    const exit = await runDocker(buildxArguments(wish, marks, context), env, tail, signal);
    if (exit !== "0")
      throw buildFailure(building, lastError(tail.text) ?? `docker buildx ended with ${exit}`, tail.text);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runDocker(
  argv: readonly string[],
  env: Record<string, string>,
  tail: OutputTail,
  signal: AbortSignal,
): Promise<string> {
  const child = spawn("docker", argv, { stdio: ["ignore", "pipe", "pipe"], env });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => tail.write(text));
  }
  let kill: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill("SIGTERM");
    kill = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const [code, killedBy] = await once(child, "close");
    signal.throwIfAborted();
    return String(code ?? killedBy);
  } finally {
    clearTimeout(kill);
    signal.removeEventListener("abort", end);
  }
}

const scrubbed = (more: Record<string, string>): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
  HOME: process.env.HOME ?? "/",
  ...more,
});

/** BuildKit's last line is the error; some versions print advice below it. */
function lastError(text: string): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /^(error|failed)\b/i.test(line)) ?? lines.at(-1))?.slice(0, 1_000);
}
