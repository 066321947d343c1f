import type { AlertsSpec } from "#core/fleet.ts";
import type { Secret } from "#core/secret.ts";

/** Where alerts come from, with the secret it needs revealed. */
export type AlertsAt = { readonly spec: AlertsSpec; readonly secret?: Secret };

/** For what the alerts are silent, and until when at the latest. */
export type Silence = {
  /** The rollout's id: a silence is found again by it, whatever was recorded of it. */
  readonly owner: string;
  readonly service: string;
  readonly environment: string;
  /** For the people who see it, e.g. `rollout 12 of hello r7`. */
  readonly words: string;
  /** ISO time. Where the service of alerts can, it ends the silence then by itself. */
  readonly until: string;
};

/**
 * Those who would wake somebody because of a rollout. Only what was silenced for an owner is ever lifted for it: what a
 * person or another rollout silenced stays so. Both verbs may be called again. Both fail with alerts.unreachable or
 * alerts.refused, and reject with the signal's reason when it is aborted.
 */
export interface Alerts {
  /** Nobody is woken until then when it resolves; one that the owner had already is extended. */
  silence(at: AlertsAt, silence: Silence, signal: AbortSignal): Promise<void>;
  /** Nothing is silent for the owner any more. */
  lift(at: AlertsAt, silence: Silence, signal: AbortSignal): Promise<void>;
}
