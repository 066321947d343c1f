import type { AlertsSpec } from "#core/fleet.ts";
import type { Alerts } from "#ports/alerts.ts";
import type { Clock } from "#ports/clock.ts";
import { alertmanager } from "./alertmanager.ts";
import { commandAlerts } from "./command.ts";
import { pagerduty } from "./pagerduty.ts";

/** Whatever fleet.yaml names, by its kind. */
export function allAlerts({
  clock,
  env,
}: {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Alerts {
  const kinds: Readonly<Record<AlertsSpec["kind"], Alerts>> = {
    alertmanager: alertmanager(clock),
    pagerduty: pagerduty(clock),
    command: commandAlerts(env),
  };
  return {
    silence: (at, silence, signal) => kinds[at.spec.kind].silence(at, silence, signal),
    lift: (at, silence, signal) => kinds[at.spec.kind].lift(at, silence, signal),
  };
}
