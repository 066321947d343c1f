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
  /** The address of the rollout's page. */
  readonly url: string;
  /** ISO time. Where the service of alerts can, it ends the silence then by itself. */
  readonly until: string;
  /** It was silenced before: what only hears of the beginning has heard of it. */
  readonly isRenewal?: boolean;
};

/**
 * Those who would wake somebody because of a rollout. Only what was silenced for an owner at these alerts is ever
 * lifted for it: what a person, another rollout or another entry of fleet.yaml silenced stays so. Both verbs may be called again. Both fail with alerts.unreachable or
 * alerts.refused, and reject with the signal's reason when it is aborted.
 */
export interface Alerts {
  /** Nobody is woken until then when it resolves; one that the owner had already is extended. */
  silence(at: AlertsAt, silence: Silence, signal: AbortSignal): Promise<void>;
  /** Nothing is silent for the owner any more. */
  lift(at: AlertsAt, silence: Silence, signal: AbortSignal): Promise<void>;
}
