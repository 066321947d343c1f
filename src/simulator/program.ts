/** What a release's program does once it was started, by the time that has passed since then. */
export type Program = {
  /** Each time turns its answers from bad to good or back; it begins with bad ones. */
  readonly turnsAfterMs: readonly number[];
  readonly exitsAfterMs?: number;
  /** On these hosts it never gives a good answer. */
  readonly badOn?: readonly string[];
  /** Answers of the service itself that fail while its health check is good. */
  readonly errorPercent?: number;
  /** How long a request takes. */
  readonly requestMs: number;
};

const startMs = 100;
const requestMs = 120;

export const goodProgram: Program = { turnsAfterMs: [startMs], requestMs };
export const unhealthyProgram: Program = { turnsAfterMs: [], requestMs };
export const exitingProgram: Program = { turnsAfterMs: [], exitsAfterMs: 0, requestMs };

/** Whether the program answers well so long after its start. */
export const answersAt = ({ turnsAfterMs, badOn }: Program, host: string, ageMs: number): boolean =>
  badOn?.includes(host) !== true && turnsAfterMs.filter((turn) => turn <= ageMs).length % 2 === 1;
