import type { ServerSight } from "#ports/balancer.ts";
import type { Cause, SimulatedHost, Time } from "#simulator/simulated-host.ts";

export type ServerWish = {
  readonly name: string;
  readonly host: SimulatedHost;
  readonly port: number;
  /** One request in so many milliseconds while it is in service; 0: none but those that are sent one by one. */
  readonly requestEveryMs: number;
  readonly checkEveryMs: number;
};

export type Loss = { readonly requests: number; readonly words: string; readonly cause: Cause };

/**
 * One server of a balancer: what the balancer was told and believes of it, and the requests that flow to it. They are
 * not simulated one by one: whenever something changes, what has flowed since the last change is added up.
 */
export class SimulatedServer {
  readonly name: string;
  readonly host: SimulatedHost;
  readonly port: number;
  admin: "ready" | "drain" | "maintenance" = "ready";
  /** From its last check, or no since it was told to forget. */
  belief = false;
  /** Requests that were sent one by one and are not answered yet. */
  held = 0;
  /** A balancer that restarted serves it against what Slipway had told it. */
  isForgotten = false;
  onLoss: (loss: Loss) => void = () => {};
  onTurn: (turn: "enters" | "leaves", cause: Cause) => void = () => {};
  readonly #wish: ServerWish;
  readonly #time: Time;
  #since: number;
  #wasIn = false;
  #wasAnswering = false;
  #isFault = false;
  /** Whose doing it is that its program does not answer. */
  #silencedBy: Cause = "ours";
  #isCheckDue = false;
  #inFlightUntil = 0;
  #requestMs = 0;
  #requests = 0;
  #failed = 0;

  constructor(wish: ServerWish, time: Time) {
    this.name = wish.name;
    this.host = wish.host;
    this.port = wish.port;
    this.#wish = wish;
    this.#time = time;
    this.#since = time.now();
  }

  get isIn(): boolean {
    return this.admin === "ready" && this.belief;
  }

  /** What it answers now is not known to the balancer yet. */
  get isCheckDue(): boolean {
    return this.#isCheckDue;
  }

  get inFlight(): number {
    const { requestEveryMs } = this.#wish;
    const flowing = requestEveryMs > 0 && (this.isIn || this.#time.now() < this.#inFlightUntil);
    return this.held + (flowing ? Math.ceil(this.#requestMs / requestEveryMs) : 0);
  }

  /** When nothing that flows now is in flight any more. */
  get quietInMs(): number {
    return Math.max(0, this.#inFlightUntil - this.#time.now());
  }

  get served(): { requests: number; failed: number } {
    this.#addUp();
    return { requests: Math.floor(this.#requests), failed: Math.floor(this.#failed) };
  }

  countOne(isFailed: boolean): void {
    this.#requests++;
    if (isFailed) this.#failed++;
  }

  sight(): ServerSight {
    const checkOk = { checkOk: this.belief };
    const reason = this.belief ? "" : this.host.running(this.port) ? "L7STS/503" : "L4CON";
    return {
      server: this.name,
      state: this.#state(),
      inFlight: this.inFlight,
      reason,
      served: this.served,
      ...checkOk,
    };
  }

  #state(): ServerSight["state"] {
    if (this.admin === "maintenance") return "maintenance";
    if (this.admin === "drain") return "draining";
    return this.belief ? "in-service" : "down";
  }

  tell(admin: SimulatedServer["admin"], cause: Cause): void {
    // To drain again what a restarted balancer forgot takes nobody out who was not out already.
    const isCorrection = this.isForgotten && admin === "drain" && cause === "ours";
    if (cause === "ours") this.isForgotten = false;
    this.admin = admin;
    this.change(isCorrection ? "theirs" : cause);
  }

  forget(): void {
    this.belief = false;
    this.#checkSoon();
    this.change("ours");
  }

  /** A restarted balancer serves everything it knows until a check tells it better. */
  restart(): void {
    this.isForgotten ||= this.admin !== "ready";
    this.admin = "ready";
    this.belief = true;
    this.#checkSoon();
    this.change("theirs");
  }

  /** Its program was stopped by Slipway just now: what was in flight there is lost. */
  stopped(): void {
    if (this.inFlight === 0) return;
    const words = `${this.host.name} was stopped with ${this.inFlight} requests in flight at ${this.name}`;
    this.onLoss({ requests: this.inFlight, words, cause: this.#blame });
    this.#inFlightUntil = 0;
  }

  /** Its host is different now. */
  hostChanged(cause: Cause): void {
    const isSilent = !this.host.answers(this.port);
    if (isSilent && (this.#wasAnswering || cause === "ours")) this.#silencedBy = cause;
    this.change(cause);
    if (!isSilent) this.#silencedBy = "ours";
  }

  /** Something may be different now: adds up what was, and remembers what is. */
  change(cause: Cause): void {
    this.#addUp();
    const [wasIn, wasAnswering] = [this.#wasIn, this.#wasAnswering];
    const isAnswering = this.host.answers(this.port);
    this.#wasIn = this.isIn;
    this.#wasAnswering = isAnswering;
    if (!this.isIn || isAnswering) this.#isFault = false;
    else if (cause === "theirs") this.#isFault = true;
    if (this.isIn) this.#requestMs = this.host.running(this.port)?.program.requestMs ?? this.#requestMs;
    if (wasAnswering !== isAnswering || this.belief !== isAnswering) this.#checkSoon();
    if (wasIn !== this.isIn) this.onTurn(this.isIn ? "enters" : "leaves", cause);
  }

  get #blame(): Cause {
    return this.#isFault || this.isForgotten ? "theirs" : "ours";
  }

  #addUp(): void {
    const now = this.#time.now();
    const { requestEveryMs } = this.#wish;
    const passed = now - this.#since;
    this.#since = now;
    if (!this.#wasIn || requestEveryMs === 0) return;
    if (this.#wasAnswering) this.#inFlightUntil = now + this.#requestMs;
    if (passed === 0) return;
    const requests = passed / requestEveryMs;
    const errors = (this.host.running(this.port)?.program.errorPercent ?? 0) / 100;
    this.#requests += requests;
    this.#failed += this.#wasAnswering ? requests * errors : requests;
    if (this.#wasAnswering) return;
    const words = `${this.name} got requests for ${passed} ms and ${this.host.name} did not answer`;
    const cause = this.#silencedBy === "theirs" ? "theirs" : this.#blame;
    this.onLoss({ requests: Math.ceil(requests), words, cause });
  }

  #checkSoon(): void {
    if (this.#isCheckDue) return;
    this.#isCheckDue = true;
    this.#time.after(this.#wish.checkEveryMs, () => {
      this.#isCheckDue = false;
      this.belief = this.host.answers(this.port);
      this.change("theirs");
    });
  }
}
