import type { ErrorShape } from "#contract/shapes.ts";

/** Done; the world failed; refused, or used wrongly; left paused, as a person is needed. */
export const exitCodes = { done: 0, failed: 1, refused: 2, paused: 3 } as const;

/** What ends a command: an error as the server tells it, and the exit code it means. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly error: ErrorShape;

  constructor(exitCode: number, error: ErrorShape, cause?: unknown) {
    super(error.message, { cause });
    this.exitCode = exitCode;
    this.error = error;
  }
}

/** The command was used wrongly, or asks for what cannot be. */
export const refused = (message: string, advice: string): CliError =>
  new CliError(exitCodes.refused, { code: "input.invalid", message, advice });
