import { SlipwayError } from "#core/errors.ts";
import type { NetworkSpec } from "#core/fleet.ts";
import * as commands from "./commands.ts";
import { hash } from "./hash.ts";
import type { Place } from "./place.ts";
import { failureOf, sshFailed } from "./replies.ts";
import { SharedAttempts } from "./shared-attempts.ts";
import { runSsh } from "./ssh-program.ts";

const closeTimeoutMs = 3_000;

/** A machine of a network, as ssh is to call it. */
export type End = { readonly network: NetworkSpec; readonly destination: commands.Destination };

const bastionOf = (network: NetworkSpec): End => ({ network, destination: { address: commands.bastionName } });
const isBastion = ({ destination }: End): boolean => destination.address === commands.bastionName;
const keyOf = ({ network, destination }: End): string => hash(JSON.stringify([network, destination]));

const placeOf = (end: End) => (isBastion(end) ? "bastion" : end.network.bastion ? "behind the bastion" : "direct");

/** The shared connections that ssh keeps in the background: one for each machine. */
export class Masters {
  readonly #place: Place;
  readonly #opening = new SharedAttempts<true>();
  readonly #opened = new Map<string, End>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** The bastion's connection first, then the host's: all at once would each log in to the bastion anew. */
  async open(end: End, signal: AbortSignal): Promise<void> {
    const bastion = end.network.bastion && !isBastion(end) ? bastionOf(end.network) : undefined;
    if (bastion) await this.open(bastion, signal);
    const open = () => this.#opening.get(keyOf(end), () => this.#openNow(end, signal), signal);
    try {
      await open();
    } catch (error) {
      if (!bastion || signal.aborted || (await this.#stands(bastion, signal))) throw error;
      // The failure was the bastion's, whose connection has ended since it was opened.
      await this.#opening.forget(keyOf(bastion));
      await this.open(bastion, signal);
      await open();
    }
  }

  /** Whether it still stands is asked anew at the next `open`. */
  doubt({ network, destination }: End): void {
    void this.#opening.forget(keyOf({ network, destination }));
    if (network.bastion) void this.#opening.forget(keyOf(bastionOf(network)));
  }

  async drop(end: End): Promise<void> {
    this.doubt(end);
    const config = await this.#place.config(end.network);
    await runSsh(commands.closeMaster(config, end.destination), AbortSignal.timeout(closeTimeoutMs)).catch(
      () => "it had ended already",
    );
  }

  async closeAll(): Promise<void> {
    const ends = [...this.#opened.values()];
    this.#opened.clear();
    // Hosts first: their connections go through the bastion's.
    for (const isLast of [false, true])
      await Promise.all(ends.filter((end) => isBastion(end) === isLast).map((end) => this.drop(end)));
  }

  async #stands({ network, destination }: End, signal: AbortSignal): Promise<boolean> {
    const config = await this.#place.config(network);
    return (await runSsh(commands.checkMaster(config, destination), signal)).exitCode === 0;
  }

  async #openNow(end: End, signal: AbortSignal): Promise<true> {
    const config = await this.#place.config(end.network);
    this.#opened.set(keyOf(end), end);
    const { exitCode, stderr } = await runSsh(commands.openMaster(config, end.destination), signal);
    if (exitCode === sshFailed) throw unreachable(end, stderr);
    return true;
  }
}

export function unreachable(end: End, words: string): SlipwayError {
  const { address } = end.destination;
  const { code, why } = failureOf(words, placeOf(end));
  const name = isBastion(end) ? `the bastion ${end.network.bastion?.address ?? ""}` : address;
  return new SlipwayError(code, `Could not reach ${name} by SSH: ${why}`, {
    host: name,
    command: `ssh ${name}`,
    ...(words.trim() ? { lastLines: words.trim().split("\n").slice(-8).join("\n") } : {}),
  });
}
