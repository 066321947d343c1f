import type { NoticeEvent, NotifySpec } from "#core/fleet.ts";
import type { Secret } from "#core/secret.ts";

/** One rollout's news, the same for every place it is told at. */
export type Notice = {
  readonly event: NoticeEvent;
  readonly rollout: number;
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly commit: string;
  readonly by: string;
  /** One or two plain sentences. */
  readonly text: string;
  /** The rollout's page. */
  readonly url: string;
  readonly at: string;
};

/** Where to tell it, with its secrets looked up. */
export type NoticeChannel = { readonly spec: NotifySpec; readonly url: Secret; readonly signingSecret?: Secret };

export interface Notices {
  /**
   * The service has accepted the notice when it resolves. `previous` is what an earlier call for the same rollout
   * returned: where the service can update a message it is updated instead of a second one being sent.
   * Retries with back-off within the signal's deadline. Fails: notice.failed.
   */
  post(
    channel: NoticeChannel,
    notice: Notice,
    previous: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}
