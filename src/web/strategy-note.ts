import { named } from "#contract/rollout-words.ts";
import type { RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import type { Look } from "./states.ts";

type Note = { readonly look: Look; readonly words: string };

/** Where the one act stands that a strategy adds to batch after batch. */
export function strategyNote({ rollout: { plan, state }, timeline }: RolloutDetail): Note | undefined {
  if (plan?.strategy === "canary") {
    const acts = timeline.filter(({ step }) => step === "canary");
    const hosts = named(plan.batches[0]?.hosts.map(({ name }) => name) ?? []);
    return acts.length > 0 ? canaryNote(acts, hosts, wasNotMeasured(timeline)) : undefined;
  }
  if (plan?.strategy === "blue-green") {
    const acts = timeline.filter(({ step }) => step === "switch");
    return acts.length > 0 ? switchNote(acts, state) : undefined;
  }
  return undefined;
}

/** A canary that nobody could measure succeeds as an act; the pause that asks a person says so. */
function wasNotMeasured(timeline: readonly TimelineEventShape[]): boolean {
  const after = timeline.slice(timeline.findLastIndex(({ step }) => step === "canary"));
  return after.some(({ step, message }) => step === "pause" && message?.includes("could not be judged"));
}

function canaryNote(acts: readonly TimelineEventShape[], hosts: string, isUnknown: boolean): Note {
  const last = acts.at(-1);
  const said = acts.findLast(({ message }) => message !== undefined)?.message ?? "nothing measured yet";
  if (last?.phase === "failed") return { look: look("bad", "cross", "canary failed"), words: said };
  const words = `${hosts}: ${said}`;
  if (last?.phase !== "succeeded") return { look: look("busy", "running", "canary is watched"), words };
  return isUnknown
    ? { look: look("warn", "question", "canary was not measured"), words }
    : { look: look("good", "check", "canary did well"), words };
}

function switchNote(acts: readonly TimelineEventShape[], state: RolloutDetail["rollout"]["state"]): Note {
  const failed = acts.findLast(({ phase }) => phase === "failed");
  if (acts.at(-1)?.phase === "failed" && failed)
    return { look: look("bad", "cross", "switch failed"), words: failed.message ?? "" };
  if (acts.some(({ phase }) => phase === "succeeded"))
    return {
      look: look("good", "check", "switched"),
      words:
        state === "succeeded"
          ? "Every request goes to the new containers; the old ones are stopped and kept."
          : "Every request goes to the new containers; the old ones still run, ready to return.",
    };
  const said = acts.findLast(({ message }) => message !== undefined)?.message;
  return {
    look: look("busy", "running", "switching"),
    words: said ?? "The new containers are admitted, then the old ones drained.",
  };
}

const look = (tone: Look["tone"], icon: Look["icon"], word: string): Look => ({ tone, icon, word });
