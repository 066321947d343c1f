import type { AlertsSpec, ServiceGroup } from "#core/fleet.ts";
import type { AlertsAt, Silence } from "#ports/alerts.ts";
import type { Hold } from "#ports/records.ts";
import type { Course } from "#workflows/course.ts";
import { leaseEnd } from "#workflows/leases.ts";
import type { World } from "#workflows/world.ts";

/** What was held is as it was before, and its record is gone. Not for drains: they need the host's health. */
export async function giveBackHold(world: World, hold: Hold, signal: AbortSignal): Promise<void> {
  const group = groupInForce(world, hold);
  if (hold.kind === "alerts") {
    const spec = group?.alerts?.find(({ name }) => name === hold.subject);
    // Taken out of fleet.yaml meanwhile: nobody knows the way any more, and the silence ends by itself.
    if (spec) await world.alerts.lift(await alertsAt(world, spec), silenceOf(hold, ""), signal);
  }
  if (hold.kind === "autoscaling") {
    const spec = group?.autoscaling?.find(({ name }) => name === hold.subject);
    if (spec) await world.autoscaling.resume(spec, JSON.parse(hold.before) as string[], signal);
  }
  await world.holds.release(hold.id);
}

/** The alerts are silent until the lease's end; called again it moves. */
export async function holdSilent(world: World, course: Course, hold: Hold, signal: AbortSignal): Promise<void> {
  const spec = course.group.alerts?.find(({ name }) => name === hold.subject);
  if (!spec) return;
  const words = `rollout ${course.rolloutNumber} of ${course.release.service} r${course.release.number}`;
  await world.alerts.silence(
    await alertsAt(world, spec),
    silenceOf({ ...hold, until: leaseEnd(world) }, words),
    signal,
  );
}

const silenceOf = ({ rolloutId, service, environment, until }: Hold, words: string): Silence => ({
  owner: rolloutId,
  service,
  environment,
  words,
  until,
});

const alertsAt = async (world: World, spec: AlertsSpec): Promise<AlertsAt> =>
  spec.secret ? { spec, secret: await world.secrets.reveal(spec.secret.secret) } : { spec };

const groupInForce = (world: World, { service, environment }: Hold): ServiceGroup | undefined =>
  world.fleet().environments[environment]?.services[service];
