import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run } from "#engine/run.ts";
import { act, type Doing } from "#workflows/act.ts";
import { drainHoldId, drainHost } from "#workflows/balancing.ts";
import { balancersOf, type Course, hostNamed, placeAt, portsOf, rolloutSpecOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const keepOutTimeoutMs = 60_000;
/** Nothing answers there: what is still in flight is lost already, and nobody waits for it. */
const drainTimeoutMs = 5_000;

/**
 * A host that is left out because it cannot be reached gets no traffic when it comes back with what it ran before:
 * it is drained at every balancer until it has joined.
 */
export async function keepOut(run: Run, world: World, course: Course): Promise<void> {
  const { skipped } = course.plan;
  if (skipped.length === 0) return;
  const spec = { ...rolloutSpecOf(course), drainTimeoutMs, onDrainTimeout: "stop" as const };
  await act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "hold" },
    {
      timeoutMs: keepOutTimeoutMs,
      async doing(doing) {
        await atEach(world, course, doing, async (place) => {
          // The plan may be hours old: what serves again by now stays, and joins at the end.
          if (await servesAnywhere(world, course, place, doing.signal)) doing.progress(`${place.name} serves again`);
          else await drainHost(world, course, place, { ...doing, spec });
        });
      },
    },
  );
}

/**
 * The rollout came to nothing, so that what a host that was left out runs is right again: it serves when it is back.
 * Resolves with why one is still held, if one is.
 */
export async function letBackIn(run: Run, world: World, course: Course): Promise<ErrorRecord | undefined> {
  if (course.plan.skipped.length === 0) return undefined;
  const doing = (doing: Doing) => atEach(world, course, doing, (place) => letIn(world, course, place, doing));
  const place = { rolloutId: course.rolloutId, step: "put-back" as const };
  const outcome = await outcomeOf(act(run, world, place, { timeoutMs: keepOutTimeoutMs, doing }));
  return outcome.ok ? outcome.value : outcome.error;
}

/** At every place of every host that is left out; what fails at one is said and stops nothing. The first of it, if any. */
async function atEach(
  world: World,
  course: Course,
  { progress }: Doing,
  doing: (place: HostSpec) => Promise<void>,
): Promise<ErrorRecord | undefined> {
  const places = course.plan.skipped.flatMap((name) =>
    portsOf(course).map((port) => placeAt(course, hostNamed(course, name), port)),
  );
  const results = await Promise.allSettled(places.map(doing));
  const failures = results.flatMap((result, index) =>
    result.status === "rejected" ? [{ name: places[index]?.name, error: SlipwayError.from(result.reason) }] : [],
  );
  for (const { name, error } of failures) progress(world.mask(`${name} stays as it is: ${error.message}`));
  return failures[0]?.error.toRecord();
}

/** What an earlier rollout had left drained is not ours to open again: nobody knows what runs there. */
async function letIn(world: World, course: Course, place: HostSpec, { signal }: Doing): Promise<void> {
  const holds = await world.holds.all();
  for (const at of balancersOf(course)) {
    const own = holds.filter(({ id }) => id === drainHoldId({ course, host: place, at }));
    const others = holds.filter(({ subject }) => own.some((hold) => hold.subject === subject));
    const isOurs = others.length === own.length && own.some(({ before }) => before === "down" || before === "checking");
    if (isOurs) await world.balancer.undrain(at, place.server, signal);
    for (const { id } of own) await world.holds.release(id);
  }
}

async function servesAnywhere(
  world: World,
  course: Course,
  { server }: HostSpec,
  signal: AbortSignal,
): Promise<boolean> {
  const looks = await Promise.all(balancersOf(course).map((at) => world.balancer.look(at, signal)));
  return looks.some((sights) => sights.some((sight) => sight.server === server && sight.state === "in-service"));
}
