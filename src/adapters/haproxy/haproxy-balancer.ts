import type { Balancer, BalancerAt, Patience } from "#ports/balancer.ts";
import type { Clock } from "#ports/clock.ts";
import type { Reach } from "#ports/reach.ts";
import { nextMove } from "./admission.ts";
import { dropIdleConnections, setHealthDown, setState } from "./commands.ts";
import { outageLimitMs, patiently } from "./patience.ts";
import type { HaproxyServer } from "./replies.ts";
import { Runtime } from "./runtime.ts";

/** An answer takes 1-2 ms, also through a bastion (measured in the lab). */
const pollMs = 50;
/** A host that is healthy and gets no traffic is waited for closely at first, when a check is likely to come. */
const closely = { everyMs: 15, forMs: 400 };
const patientlyEveryMs = 100;
const progressMs = 1_000;
/** A request that was being handed over while HAProxy learnt of the drain shows up in the next reading. */
const quietReadings = 2;
/** Handing over takes HAProxy microseconds. */
const handOverMs = 20;
/** A check of the stopped program is answered or refused at once; one that hangs longer cannot come out good. */
const checkSettleMs = 1_000;

type Deps = { readonly reach: Reach; readonly clock: Clock; readonly outageMs?: number };
type Place = {
  readonly at: BalancerAt;
  readonly server: string;
  readonly signal: AbortSignal;
  /** Hears why HAProxy gives no answer. */
  readonly onTrouble?: ((words: string) => void) | undefined;
};

/** HAProxy by its runtime API: https://docs.haproxy.org/2.6/management.html#9.3 */
export function haproxyBalancer({ reach, clock, outageMs = outageLimitMs }: Deps): Balancer {
  const runtime = new Runtime(reach, clock);
  const verbs = new HaproxyVerbs(runtime, clock, outageMs);
  return {
    look: (at, signal, patience) => verbs.look(at, signal, patience),
    drain: (at, server, signal, onProgress) => verbs.drain({ at, server, signal }, onProgress),
    distrust: (at, server, signal) => verbs.distrust({ at, server, signal }),
    admit: (at, server, signal, onProgress) => verbs.admit({ at, server, signal }, onProgress),
    undrain: (at, server, signal) => verbs.undrain({ at, server, signal }),
    counters: (at, signal) => runtime.counters(at, signal),
    timers: (at, signal) => runtime.timers(at, signal),
  };
}

class HaproxyVerbs {
  readonly #haproxy: Runtime;
  readonly #clock: Clock;
  readonly #outageMs: number;

  constructor(haproxy: Runtime, clock: Clock, outageMs: number) {
    this.#haproxy = haproxy;
    this.#clock = clock;
    this.#outageMs = outageMs;
  }

  async look(at: BalancerAt, signal: AbortSignal, { outageMs }: Patience = { outageMs: 0 }) {
    const ask = () => this.#haproxy.servers(at, signal);
    const servers = await patiently(ask, { clock: this.#clock, signal, outageMs });
    return servers.map(({ sight }) => sight);
  }

  async drain(where: Place, onProgress?: (inFlight: number, trouble?: string) => void): Promise<void> {
    const tell = this.#progress(onProgress);
    let inFlight = 0;
    const place = { ...where, onTrouble: this.#progress((words: string) => onProgress?.(inFlight, words)) };
    for (let quiet = 0; ; ) {
      let seen = await this.#see(place);
      inFlight = seen.sight.inFlight;
      // Asked again whenever it is not draining: a balancer that restarts in between has forgotten.
      if (seen.isReady) seen = await this.#order(place, setState(place.at.balancer.backend, place.server, "drain"));
      quiet = !seen.isReady && seen.sight.inFlight === 0 ? quiet + 1 : 0;
      tell(seen.sight.inFlight);
      if (quiet === quietReadings) return;
      await this.#clock.sleep(quiet > 0 ? handOverMs : pollMs, place.signal);
    }
  }

  async distrust(place: Place): Promise<void> {
    const settled = this.#clock.now() + checkSettleMs;
    for (;;) {
      const { hasCheck, isChecking } = await this.#see(place);
      // Without a check HAProxy believes nothing, and a `health down` would never be taken back.
      if (!hasCheck) return;
      // The good answer of the stopped program may be on its way: it must not be the first of the new one.
      if (!isChecking || this.#clock.now() >= settled) {
        const { sight } = await this.#order(place, setHealthDown(place.at.balancer.backend, place.server));
        if (!sight.checkOk) return;
      }
      await this.#clock.sleep(pollMs, place.signal);
    }
  }

  async admit(where: Place, onProgress?: (reason: string) => void): Promise<void> {
    const tell = this.#progress(onProgress);
    const place = { ...where, onTrouble: tell };
    const patientFrom = this.#clock.now() + closely.forMs;
    for (;;) {
      const seen = await this.#see(place);
      const move = nextMove(seen);
      if (move === "admitted") return;
      tell(seen.sight.reason);
      if (move === "recheck") await this.#recheck(place, seen.hasCheck);
      if (move === "ready") {
        await this.#dropKept(place, seen);
        if (nextMove(await this.#giveTraffic(place)) === "admitted") return;
      }
      const everyMs = this.#clock.now() < patientFrom ? closely.everyMs : patientlyEveryMs;
      await this.#clock.sleep(everyMs, place.signal);
    }
  }

  async undrain(place: Place): Promise<void> {
    for (;;) {
      const seen = await this.#see(place);
      if (seen.isReady) return;
      await this.#dropKept(place, seen);
      // Ready alone would be believed healthy until the next check finds out.
      await this.#recheck(place, seen.hasCheck);
      await this.#giveTraffic(place);
      await this.#clock.sleep(pollMs, place.signal);
    }
  }

  /**
   * The connections that were kept from before the drain are closed. One of them is dead where the host has lost its
   * power, and the next request on it would be lost. With a request in flight the host lives.
   */
  async #dropKept(place: Place, { idleConnections, sight }: HaproxyServer): Promise<void> {
    if (idleConnections > 0 && sight.inFlight === 0)
      await this.#order(place, dropIdleConnections(place.at.balancer.backend, place.server));
  }

  /** Ready, as HAProxy itself says after the order. */
  #giveTraffic(place: Place) {
    return this.#order(place, setState(place.at.balancer.backend, place.server, "ready"));
  }

  /** Out of maintenance, in drain, and not healthy until a check says so. */
  async #recheck(place: Place, hasCheck: boolean): Promise<void> {
    await this.#order(place, setState(place.at.balancer.backend, place.server, "drain"));
    if (hasCheck) await this.#order(place, setHealthDown(place.at.balancer.backend, place.server));
  }

  #see({ at, server, signal, onTrouble }: Place) {
    return this.#patiently({ signal, onTrouble }, () => this.#haproxy.server(at, server, signal));
  }

  /** Repeated as well: each order says what should be, not what to change. */
  #order({ at, server, signal, onTrouble }: Place, line: string) {
    return this.#patiently({ signal, onTrouble }, () => this.#haproxy.order(at, server, line, signal));
  }

  #patiently<T>({ signal, onTrouble }: Pick<Place, "signal" | "onTrouble">, ask: () => Promise<T>): Promise<T> {
    return patiently(ask, { clock: this.#clock, signal, outageMs: this.#outageMs, onTrouble });
  }

  /** Passes on every change at once, and the same again once a second. */
  #progress<T>(tell: ((value: T) => void) | undefined): (value: T) => void {
    let last: { value: T; at: number } | undefined;
    return (value) => {
      const now = this.#clock.now();
      if (last && last.value === value && now - last.at < progressMs) return;
      last = { value, at: now };
      tell?.(value);
    };
  }
}
