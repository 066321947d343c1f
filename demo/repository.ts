import { mkdir } from "node:fs/promises";
import { mustRun } from "../scripts/setup/run-command.ts";
import { type HelloWish, writeHello } from "./hello.ts";

const gitDeadlineMs = 30_000;
const author = ["-c", "user.name=A Developer", "-c", "user.email=developer@example.com", "-c", "commit.gpgsign=false"];

const git = (directory: string, ...args: string[]): Promise<string> =>
  mustRun(["git", ...author, "-C", directory, ...args], { deadlineMs: gitDeadlineMs });

/** An empty git repository whose branch is `main`. */
export const makeRepository = async (directory: string): Promise<string> => {
  await mkdir(directory, { recursive: true });
  await git(directory, "init", "--quiet", "--initial-branch=main");
  return directory;
};

/** Commits that version of the sample service; resolves with the commit's full SHA. */
export const commitHello = async (directory: string, wish: HelloWish, message: string): Promise<string> => {
  await writeHello(directory, wish);
  return commitAll(directory, message);
};

/** Commits the directory as it is; resolves with the commit's full SHA. */
export const commitAll = async (directory: string, message: string): Promise<string> => {
  await git(directory, "add", "--all");
  await git(directory, "commit", "--quiet", `--message=${message}`);
  return (await git(directory, "rev-parse", "HEAD")).trim();
};
