import type { ErrorShape, TimelineEventShape } from "#contract/shapes.ts";

type Step = TimelineEventShape["step"];
type Part = Omit<TimelineEventShape, "seq" | "at" | "rolloutId" | "attempt"> & { attempt?: number };

/** Writes a timeline the way a rollout does: each act begins, says something, and ends. */
export class TimelineWriter {
  readonly events: TimelineEventShape[] = [];
  readonly #rolloutId: string;
  #atMs: number;

  constructor(rolloutId: string, startMs: number) {
    this.#rolloutId = rolloutId;
    this.#atMs = startMs;
  }

  say(part: Part): this {
    const at = new Date(this.#atMs).toISOString();
    this.events.push({ seq: this.events.length + 1, at, rolloutId: this.#rolloutId, attempt: 1, ...part });
    return this;
  }

  wait(ms: number): this {
    this.#atMs += ms;
    return this;
  }

  act(step: Step, ms: number, part: Omit<Part, "step" | "phase"> = {}): this {
    const { message, ...place } = part;
    this.say({ ...place, step, phase: "started" }).wait(ms / 2);
    if (message) this.say({ ...place, step, phase: "progress", message });
    return this.wait(ms / 2).say({ ...place, step, phase: "succeeded" });
  }

  beginning(hosts: readonly string[]): this {
    this.act("plan", 400).act("prepare", 2_600, { message: `${hosts[0]}: 41 of 63 MB` });
    return this.say({ step: "announce", phase: "succeeded", message: "started: slack was told" });
  }

  releaseHost(host: string): this {
    const place = { host, direction: "forward" as const };
    return this.act("drain", 900, { ...place, message: "2 in flight at edge" })
      .act("replace", 1_500, { ...place, message: "starting release 8" })
      .act("check", 4_200, { ...place, message: "/healthz says 200 ok; 3 good in a row" })
      .act("admit", 800, { ...place, message: "edge: UP after L7OK" })
      .act("bake", 3_000, { ...place, message: "healthy" });
  }

  fail(step: Step, place: Pick<Part, "host" | "direction">, error: ErrorShape): this {
    return this.say({ ...place, step, phase: "failed", message: error.message, error });
  }
}
