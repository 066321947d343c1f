import { isOpen } from "#contract/rollout-words.ts";
import type { BuildShape, LogShape, RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, printJsonLine } from "./context.ts";
import { follow } from "./follow.ts";
import { lockLog } from "./lock.ts";
import { printableLog, splitUnfinished } from "./printable.ts";
import { renderError } from "./render-error.ts";
import { renderPause } from "./render-pause.ts";
import { rolloutTitle, timelineLine } from "./render-rollout.ts";

/** A build's log, or a rollout's timeline and verification log; follows until it ended. */
export const logs = async (context: Context, named: string, options: { follow: boolean }): Promise<number> => {
  if (named.startsWith("locks/")) return lockLog(context, named);
  const client = await context.client();
  const subject = await find(client, named);
  const reader = new LogReader(client, subject);
  const show = printer(context);
  const hasRun = (part: Part) => part.ended || !options.follow;
  const concerns = (topic: string) => [`log/${subject.id}`, `${subject.kind}/${subject.id}`].includes(topic);
  const stop = context.terminal.interrupted;
  const end = await follow(client, { concerns, read: () => reader.next(), show, hasEnded: hasRun }, stop);
  if (end?.ended && context.json)
    printJsonLine(context, { end: "build" in end.state ? end.state.build : end.state.rollout });
  else if (end?.ended) closing(context, end.state);
  return exitCodes.done;
};

type Subject = { readonly kind: "build" | "rollout"; readonly id: string };
type State = { readonly build: BuildShape } | { readonly rollout: RolloutDetail["rollout"] };
type Part = {
  readonly events: readonly TimelineEventShape[];
  readonly chunks: LogShape["chunks"];
  readonly ended: boolean;
  readonly state: State;
};

const find = async (client: Client, named: string): Promise<Subject> => {
  const [, kind, id = ""] = /^(?:(build|rollout)\/)?([^/]+)$/.exec(named) ?? [];
  if (kind === "build") return { kind, id: (await client.call("build", { params: { id } })).id };
  if (kind === "rollout") return { kind, id: (await client.call("rollout", { params: { id } })).rollout.id };
  if (id === "" || /^\d+$/.test(id)) {
    const number = id || "12";
    throw refused(
      `${JSON.stringify(named)} may be a build or a rollout.`,
      `Say which: \`slipway logs build/${number}\` or \`slipway logs rollout/${number}\`.`,
    );
  }
  try {
    return await find(client, `build/${id}`);
  } catch (error) {
    if (error instanceof CliError && error.error.code === "not.found") return find(client, `rollout/${id}`);
    throw error;
  }
};

/** Reads what is new of a log, each part once. */
class LogReader {
  readonly #client: Client;
  readonly #subject: Subject;
  #lastEvent = 0;
  #lastChunk = 0;

  constructor(client: Client, subject: Subject) {
    this.#client = client;
    this.#subject = subject;
  }

  async next(): Promise<Part> {
    // The state first: what is written after it was read is seen by the next read.
    const { state, over, timeline } = await this.#state();
    const chunks: LogShape["chunks"] = [];
    let log: LogShape;
    do {
      log = await this.#client.call("log", { params: { id: this.#subject.id }, query: { after: this.#lastChunk } });
      chunks.push(...log.chunks);
      this.#lastChunk = log.chunks.at(-1)?.seq ?? this.#lastChunk;
    } while (log.chunks.length > 0);
    const events = timeline.filter((event) => event.seq > this.#lastEvent);
    this.#lastEvent = events.at(-1)?.seq ?? this.#lastEvent;
    return { events, chunks, ended: over && log.ended, state };
  }

  async #state(): Promise<{ state: State; over: boolean; timeline: readonly TimelineEventShape[] }> {
    const { kind, id } = this.#subject;
    if (kind === "rollout") {
      const { rollout, timeline } = await this.#client.call("rollout", { params: { id } });
      return { state: { rollout }, over: !isOpen(rollout.state), timeline };
    }
    const build = await this.#client.call("build", { params: { id } });
    return { state: { build }, over: ["succeeded", "failed"].includes(build.state), timeline: [] };
  }
}

const printer = (context: Context): ((part: Part) => void) => {
  const { terminal, paint } = context;
  let unfinished = "";
  let pause = 0;
  return ({ events, chunks, state }) => {
    if (context.json) {
      for (const event of events) printJsonLine(context, { event });
      for (const log of chunks) printJsonLine(context, { log });
      return;
    }
    for (const event of events) terminal.write(`${timelineLine(event, paint)}\n`);
    if ("rollout" in state && (state.rollout.pause?.number ?? 0) > pause) {
      pause = state.rollout.pause?.number ?? 0;
      terminal.write(`${renderPause(state.rollout, paint).join("\n")}\n`);
    }
    const { whole, rest } = splitUnfinished(unfinished + chunks.map((chunk) => chunk.text).join(""));
    unfinished = rest;
    if (whole) terminal.write(printableLog(whole, terminal.colour));
  };
};

const closing = ({ terminal, paint }: Context, state: State): void => {
  const [title, end] =
    "build" in state ? [`Build ${state.build.number}`, state.build] : [rolloutTitle(state.rollout), state.rollout];
  const reset = terminal.colour ? "\u001b[0m" : "";
  const lines = [`${reset}${title}: ${end.state}`, ...(end.error ? renderError(end.error, paint) : [])];
  terminal.write(`${lines.join("\n")}\n`);
};
