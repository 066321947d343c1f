import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, ensureEngine } from "../setup/ensure-engine.ts";
import { ensurePage } from "../setup/ensure-page.ts";
import { allNeeds, ensureSystem } from "../setup/ensure-system.ts";
import { type Before, leftovers, lookBefore, type RunMarks } from "./leftovers.ts";

export type TestGround = {
  /** What was left behind, one line each; after it the ground itself is gone. */
  close(): Promise<string[]>;
};

/**
 * What the tests with real parts stand on: the programs, an engine (its socket in DOCKER_HOST), the built page where it
 * is wanted, and a directory for temporary files by which everything that the tests start can be found again.
 */
export const openTestGround = async (wanted: { page: boolean }): Promise<TestGround> => {
  await ensureSystem(allNeeds);
  if (wanted.page) await ensurePage();
  const engine = await ensureEngine();
  const directory = await ownTemporaryDirectory();
  const marks: RunMarks = { variable: markEnvironment(directory), directory, socketPath: engine.socketPath };
  process.env.DOCKER_HOST = `unix://${engine.socketPath}`;
  const before = await lookBefore(marks);
  return { close: () => close(engine, marks, before) };
};

const close = async (engine: Engine, marks: RunMarks, before: Before): Promise<string[]> => {
  try {
    return await leftovers(marks, before);
  } finally {
    await engine.stop();
    await rm(marks.directory, { recursive: true, force: true });
  }
};

/** Short, because sockets live below it and their paths end at 107 characters; open to all, as /tmp is. */
const ownTemporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "slw-"));
  await chmod(directory, 0o1777);
  process.env.TMPDIR = directory;
  return directory;
};

const markEnvironment = (directory: string): string => {
  process.env.SLIPWAY_TEST_RUN = directory;
  return `SLIPWAY_TEST_RUN=${directory}`;
};
