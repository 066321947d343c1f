import type { HostSight } from "#core/plan.ts";

/** Somebody has the host out of service on purpose: no rollout brings it back. */
export const isSwitchedOff = ({ inService, switchedOff = [] }: HostSight): boolean =>
  !inService && switchedOff.some(({ isInUse }) => isInUse);
