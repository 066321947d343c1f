import { SlipwayError } from "#core/errors.ts";
import type { AlertsSpec, ServiceGroup } from "#core/fleet.ts";
import type { AlertsAt, Silence } from "#ports/alerts.ts";
import type { Hold } from "#ports/records.ts";
import { leaseEnd } from "#workflows/leases.ts";
import { within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

/** Who does not answer by then is left alone: a rollout does not wait for the service of its alerts. */
const alertsTimeoutMs = 15_000;

export type GivingBack = {
  readonly signal: AbortSignal;
  /** Only this very record goes: whoever took or renewed the hold meanwhile keeps it. */
  readonly asSeen?: boolean;
};

/**
 * What was held is as it was before, and its record is gone; false where the record is another one by now. Not for
 * drains: they need the host's health.
 */
export async function giveBackHold(world: World, hold: Hold, how: GivingBack): Promise<boolean> {
  if (hold.kind === "autoscaling") return giveBackAutoscaling(world, hold, how);
  if (hold.kind === "alerts") await lift(world, hold, how.signal);
  return forget(world, hold, how);
}

const forget = (world: World, hold: Hold, { asSeen }: GivingBack): Promise<boolean> =>
  world.holds.release(hold.id, asSeen ? hold : undefined);

/** The alerts are silent until the lease's end; called again it moves. Nothing of it is left where the hold is gone. */
export async function holdSilent(
  world: World,
  hold: Hold,
  { signal, isRenewal }: { signal: AbortSignal; isRenewal: boolean },
): Promise<void> {
  const spec = alertsOf(world, hold);
  if (!spec) return;
  const silence = { ...silenceOf(world, hold), until: leaseEnd(world), isRenewal };
  await inTime(world, spec, signal, (at, inTime) => world.alerts.silence(at, silence, inTime));
  // It may have been given back while this was on its way, and must not stay silent for nobody.
  const isHeld = (await world.holds.ofRollout(hold.rolloutId)).some(({ id }) => id === hold.id);
  if (!isHeld) await lift(world, hold, signal);
}

async function lift(world: World, hold: Hold, signal: AbortSignal): Promise<void> {
  const spec = alertsOf(world, hold);
  // Recorded by an earlier version and taken out of fleet.yaml since: nobody knows the way, and it ends by itself.
  if (!spec) return;
  await inTime(world, spec, signal, (at, inTime) => world.alerts.lift(at, silenceOf(world, hold), inTime));
}

/** Another rollout that needs the same processes still recorded the same value as before: it gives them back. */
async function giveBackAutoscaling(world: World, hold: Hold, how: GivingBack): Promise<boolean> {
  const spec = hold.autoscaling ?? groupInForce(world, hold)?.autoscaling?.find(({ name }) => name === hold.subject);
  return world.oneAtATime(autoscalingSubject(hold), async () => {
    const held = await world.holds.all();
    const isLeftToOther = held.some((other) => other.id !== hold.id && isSameAutoscaling(other, hold));
    if (spec && !isLeftToOther) await world.autoscaling.resume(spec, JSON.parse(hold.before) as string[], how.signal);
    return forget(world, hold, how);
  });
}

type AutoscalingHeld = Pick<Hold, "subject" | "autoscaling">;

/** Two holds of one autoscaling group, whichever place they are of. */
export const isSameAutoscaling = (other: Hold, held: AutoscalingHeld): boolean =>
  other.kind === "autoscaling" && autoscalingSubject(other) === autoscalingSubject(held);

/** Taken and given back one at a time: both look first at who else holds it. */
export const autoscalingSubject = ({ subject, autoscaling }: AutoscalingHeld): string =>
  `autoscaling/${autoscaling?.kind ?? ""}/${subject}`;

async function inTime(
  world: World,
  spec: AlertsSpec,
  signal: AbortSignal,
  act: (at: AlertsAt, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const timeoutMs = spec.kind === "command" ? spec.timeoutMs + alertsTimeoutMs : alertsTimeoutMs;
  const error = () => new SlipwayError("alerts.unreachable", `${spec.name} gave no answer in ${timeoutMs / 1_000} s.`);
  await within(world, { timeoutMs, error }, signal, async (inTime) => act(await alertsAt(world, spec), inTime));
}

const silenceOf = (world: World, { rolloutId, service, environment, until, words = "a rollout" }: Hold): Silence => ({
  owner: rolloutId,
  service,
  environment,
  words,
  url: world.rolloutUrl(rolloutId),
  until,
});

const alertsOf = (world: World, hold: Hold): AlertsSpec | undefined =>
  hold.alerts ?? groupInForce(world, hold)?.alerts?.find(({ name }) => name === hold.subject);

const alertsAt = async (world: World, spec: AlertsSpec): Promise<AlertsAt> =>
  spec.secret ? { spec, secret: await world.secrets.reveal(spec.secret.secret) } : { spec };

const groupInForce = (world: World, { service, environment }: Hold): ServiceGroup | undefined =>
  world.fleet().environments[environment]?.services[service];
