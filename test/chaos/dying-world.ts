import type { VirtualClock } from "#simulator/virtual-clock.ts";
import type { World } from "#workflows/world.ts";

/** What a server asks of the world while a rollout is at work: everything that a death can come before, between or after. */
const ports = [
  "containers",
  "balancer",
  "checks",
  "notices",
  "alerts",
  "autoscaling",
  "rollouts",
  "timeline",
  "holds",
  "receipts",
  "turns",
  "releases",
] as const satisfies readonly (keyof World)[];

/** One call that was made: the port's verb, and how long its answer took. */
export type Call = { readonly name: string; readonly ms: number };

/**
 * `before`: it is never sent. `while`: it was sent, and half of its time has passed. `after`: it was done and answered,
 * and nobody heard the answer. `call` counts from the death before it.
 */
export type Death = { readonly call: number; readonly when: "before" | "while" | "after"; readonly ms?: number };

type Verb = (...given: unknown[]) => unknown;
type Server = { readonly clock: VirtualClock; kill(): void };

/** Lets the server die at chosen calls: in the middle of acts, where its journal has no point. */
export class DyingWorld {
  readonly calls: Call[] = [];
  readonly died: string[] = [];
  readonly #deaths: readonly Death[];
  readonly #server: () => Server;
  #hasBegun = false;
  #passed = 0;

  constructor(deaths: readonly Death[], server: () => Server) {
    this.#deaths = deaths;
    this.#server = server;
  }

  /** For `SimulationOptions.change`: the world of one process of the server. */
  readonly change = (world: World): World => {
    const life = { isOver: false };
    const wrapped = ports.map((port) => {
      const verbs = Object.entries(world[port]).map(([verb, does]) => [
        verb,
        typeof does === "function" ? this.#mortal(life, `${port}.${verb}`, does as Verb) : does,
      ]);
      return [port, Object.fromEntries(verbs)];
    });
    return { ...world, ...Object.fromEntries(wrapped) };
  };

  #mortal(life: { isOver: boolean }, name: string, does: Verb): Verb {
    return (...given) => {
      // The person's own request comes first: what dies with that was never promised.
      this.#hasBegun ||= name === "timeline.append";
      if (!this.#hasBegun || life.isOver) return does(...given);
      const call = this.#passed++;
      const death = this.#deaths[this.died.length];
      const when = death?.call === call ? death.when : undefined;
      const die = () => {
        life.isOver = true;
        this.died.push(`${when} ${name} (call ${call})`);
        this.#passed = 0;
        this.#server().kill();
      };
      if (when === "before") {
        die();
        return never();
      }
      if (when === "while") this.#server().clock.after((death?.ms ?? 0) / 2, () => life.isOver || die());
      return this.#answered(name, does(...given), when === "after" ? die : undefined);
    };
  }

  #answered(name: string, answer: unknown, die: (() => void) | undefined): unknown {
    if (!(answer instanceof Promise)) return answer;
    const { clock } = this.#server();
    const at = this.calls.length;
    const since = clock.now();
    this.calls.push({ name, ms: 0 });
    const settled = () => {
      this.calls[at] = { name, ms: clock.now() - since };
      die?.();
    };
    answer.then(settled, settled);
    return die ? never() : answer;
  }
}

const never = () => new Promise<never>(() => {});
