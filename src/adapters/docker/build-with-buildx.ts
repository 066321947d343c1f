import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "#adapters/process/run-process.ts";
import { firstWords, lastWords } from "#core/whole-words.ts";
import { buildFailure } from "./build-classic.ts";
import { buildxArguments, dockerConfig } from "./build-commands.ts";
import type { Context } from "./context.ts";
import type { Building } from "./docker-images.ts";

const versionLimitMs = 10_000;
const lastLinesLength = 4 * 1024;
const errorLimit = 1_000;

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
  try {
    await writeFile(join(directory, "config.json"), dockerConfig(wish), { mode: 0o600 });
    const env = scrubbed({ HOME: directory, DOCKER_CONFIG: directory, DOCKER_HOST: `unix://${socketPath}` });
    const argv: [string, ...string[]] = ["docker", ...buildxArguments(wish, marks, context)];
    const { exitCode, signal: killedBy, tail } = await runProcess({ argv, env, signal, onOutput });
    if (exitCode === 0) return;
    const words = lastError(tail) ?? `docker buildx ended with ${exitCode ?? killedBy}`;
    throw buildFailure(building, words, lastWords(tail, lastLinesLength));
  } finally {
    await rm(directory, { recursive: true, force: true });
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
  const line = lines.findLast((candidate) => /^(error|failed)\b/i.test(candidate)) ?? lines.at(-1);
  return line && firstWords(line, errorLimit);
}
