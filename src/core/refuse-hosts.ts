import type { Frame } from "#core/make-plan.ts";
import type { HostSight, PlanInput, Refusal } from "#core/plan.ts";
import { diskNeedBytes } from "#core/pull-bytes.ts";

/** What stands against a rollout on each host that is not left out. */
export const refuseHosts = (frame: Frame): Refusal[] =>
  frame.input.sights
    .filter(({ host }) => !frame.skipped.includes(host))
    .flatMap((sight) => [
      ...refuseSight(sight),
      ...refusePort(sight, frame.input),
      ...refuseDisk(sight),
      ...(frame.strategy === "blue-green" ? refuseOtherPlace(sight, frame) : []),
    ]);

const refuseSight = ({ host, error }: HostSight): Refusal[] =>
  error ? [{ reason: `${host}: ${error.message}`, advice: error.advice, error }] : [];

function refusePort({ host, portTaken }: HostSight, { group }: PlanInput): Refusal[] {
  if (!portTaken) return [];
  const key = portTaken.port === group.blueGreen?.port ? "`blue_green.port` in fleet.yaml" : "`run.port`";
  return [
    {
      reason: `${host}: port ${portTaken.port} is used by ${portTaken.by}, which Slipway did not start.`,
      advice: `Stop what uses the port, or choose another ${key}.`,
    },
  ];
}

function refuseDisk({ host, imagePresent, pullBytes, disk }: HostSight): Refusal[] {
  const needed = diskNeedBytes(pullBytes ?? 0);
  if (!disk || imagePresent || disk.freeBytes >= needed) return [];
  return [
    {
      reason: `${host}: ${gib(disk.freeBytes)} of disk is free; the image needs ${gib(needed)} while it is unpacked.`,
      advice: "Free space where the engine keeps its images, then plan again.",
    },
  ];
}

/** The switch would admit nothing there, and drain the place that serves. */
function refuseOtherPlace({ host, inService, switchedOff = [] }: HostSight, { batches }: Frame): Refusal[] {
  if (!inService || !batches.some(({ hosts }) => hosts.some(({ name }) => name === host))) return [];
  return switchedOff
    .filter(({ isInUse }) => !isInUse)
    .map(({ balancer, server, state }) => ({
      reason: `${host}: the new container would get no traffic: ${server} is in ${state} at ${balancer}, and Slipway did not do that.`,
      advice: `Give it back: \`set server <backend>/${server} state ready\` at ${balancer}; a place where nothing runs is down by its own check.`,
    }));
}

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
