import type { TestReport } from "#core/build.ts";
import type { StepSpec } from "#core/service.ts";

export type StepOutcome = {
  /** Undefined when it ended by a signal. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly timedOut: boolean;
  /** The cap on output was reached; what came later was dropped, the step was not stopped. */
  readonly outputCut: boolean;
  /** The last lines, at most 4 KiB. */
  readonly lastLines: string;
};

/** A directory of its own for one build, and the processes that run in it. */
export interface Workspaces {
  /** An empty directory for this id, owned by the user that steps run as. Called again it is emptied again. */
  open(id: string): Promise<string>;
  /**
   * Runs one step in the directory: a process group of its own, a scrubbed environment (PATH, HOME, LANG, CI and what
   * the step names; nothing of the server's), an unprivileged user when the server runs as root, an end to its time
   * and its output. Resolves when the whole group is gone. `onOutput` gets text as it comes, ANSI codes kept.
   * Aborting the signal ends the group (SIGTERM, then SIGKILL) and rejects with the reason.
   */
  runStep(
    directory: string,
    step: StepSpec,
    env: Readonly<Record<string, string>>,
    onOutput: (text: string) => void,
    signal: AbortSignal,
  ): Promise<StepOutcome>;
  /** Counts from the JUnit files the glob names; undefined where there are none. Broken files become a failure entry. */
  readReports(directory: string, glob: string): Promise<TestReport | undefined>;
  /** A text file below the directory, or undefined; never follows a link out of it. At most 1 MiB. */
  readText(directory: string, path: string): Promise<string | undefined>;
  /** The directory is gone. */
  close(id: string): Promise<void>;
}
