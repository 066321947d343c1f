import { type ErrorCode, errorCodes, SlipwayError } from "#core/errors.ts";
import { programOf, type Recorded, type RecordedEvent } from "#simulator/recorded-run.ts";

type Heard = Pick<RecordedEvent, "step" | "phase" | "host" | "direction" | "message">;

export const actKey = ({ host, step, direction }: Pick<Heard, "step" | "host" | "direction">): string =>
  [host, step, direction === "back" ? "(back)" : ""].filter(Boolean).join(" ");

/** Something that a person or the world did, right after that event was told for the so-manieth time. */
type Cue = { readonly after: string; readonly count: number; readonly act: () => void };

const ends = (phase: string): boolean => phase === "succeeded" || phase === "failed";
/** Told by people and beside the acts: nothing is timed by them. */
const isBeside = ({ step, phase }: Heard): boolean =>
  phase === "progress" || step === "steer" || step === "announce" || step === "reap";

/** How each try at each act ended then, and what was done by others between them: for the rehearsal to do alike. */
export class Script {
  readonly #ends: ReadonlyMap<string, readonly RecordedEvent[]>;
  readonly #heard = new Map<string, number>();
  readonly #open = new Map<string, string>();
  readonly #lastEnds = new Map<string, string>();
  readonly #badOn: ReadonlySet<string>;
  #cues: Cue[] = [];

  constructor(recorded: Recorded) {
    this.#ends = Map.groupBy(
      recorded.timeline.map(verdictOf).filter(({ phase }) => ends(phase)),
      actKey,
    );
    this.#badOn = new Set(programOf(recorded).badOn);
  }

  /** To be done when the rehearsal has come to where the recorded event of that index is preceded. */
  cue({ timeline }: Recorded, index: number, act: () => void): void {
    const before = timeline.slice(0, index).filter((event) => !isBeside(event));
    const last = before.at(-1);
    if (!last) return;
    const after = eventKey(last);
    this.#cues.push({ after, count: before.filter((event) => eventKey(event) === after).length, act });
  }

  /** Of the rehearsal's own timeline. */
  hear(event: Heard): void {
    if (isBeside(event)) return;
    const key = eventKey(event);
    const count = (this.#heard.get(key) ?? 0) + 1;
    this.#heard.set(key, count);
    if (ends(event.phase)) this.#lastEnds.set(actName(event), key);
    const place = event.host ?? "";
    if (event.phase === "started") this.#open.set(place, actKey(event));
    else if (this.#open.get(place) === actKey(event)) this.#open.delete(place);
    const due = this.#cues.filter((cue) => cue.after === key && count >= cue.count);
    this.#cues = this.#cues.filter((cue) => !due.includes(cue));
    for (const { act } of due) act();
  }

  /** The server was killed before it recorded the end of that act, and does it once more. */
  forgetEnd(act: string): void {
    const key = this.#lastEnds.get(act);
    if (key !== undefined) this.#heard.set(key, (this.#heard.get(key) ?? 1) - 1);
    this.#lastEnds.delete(act);
  }

  /** How the try that is under way there ended then. `host`: empty for an act of the whole rollout. */
  endOf(host: string): RecordedEvent | undefined {
    const act = this.#open.get(host);
    return act === undefined ? undefined : this.#nextEnd(act);
  }

  /** How the pull on that host ended then; only failures are told of one. */
  pullOn(host: string): RecordedEvent | undefined {
    const own = this.#nextEnd(actKey({ host, step: "prepare", direction: "forward" }));
    const whole = this.endOf("");
    return own ?? (whole?.error?.host === undefined || whole.error.host === host ? whole : undefined);
  }

  /** The failure of the act that is under way on that host, if it ended in one then. */
  failureOn(host: string): SlipwayError | undefined {
    const end = this.endOf(host);
    // There the program itself is bad, as it was.
    if (end?.step === "check" && end.direction === "forward" && this.#badOn.has(host)) return undefined;
    return failureOf(end);
  }

  #nextEnd(act: string): RecordedEvent | undefined {
    const all = this.#ends.get(act) ?? [];
    const done = (this.#heard.get(`${act} succeeded`) ?? 0) + (this.#heard.get(`${act} failed`) ?? 0);
    return all[done];
  }
}

/** What the end of a canary is called here whose verdict a person was asked for. */
export const notMeasured = "it could not be measured";

/** The act ended well, and what it could not measure is in the words of the pause after it. */
function verdictOf(event: RecordedEvent, index: number, timeline: readonly RecordedEvent[]): RecordedEvent {
  if (event.step !== "canary" || event.phase !== "succeeded") return event;
  const next = timeline.slice(index + 1).find((each) => !isBeside(each));
  const isAsked = next?.step === "pause" && /could not be judged/.test(next.message ?? "");
  return isAsked ? { ...event, message: notMeasured } : event;
}

/** As the journal calls it. */
const actName = ({ direction, host, step }: Heard): string => [direction, host, step].filter(Boolean).join(" ");

const eventKey = (event: Heard): string => `${actKey(event)} ${event.phase}`;

export const failureOf = (end: RecordedEvent | undefined): SlipwayError | undefined =>
  end?.phase === "failed"
    ? new SlipwayError(codeOf(end.error?.code), end.message ?? "It failed then.", end.host ? { host: end.host } : {})
    : undefined;

const codeOf = (code: string | undefined): ErrorCode =>
  code !== undefined && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : "host.unreachable";
