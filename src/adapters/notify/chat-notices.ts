import { SlipwayError } from "#core/errors.ts";
import { makeMask } from "#core/mask.ts";
import { Secret } from "#core/secret.ts";
import type { Clock } from "#ports/clock.ts";
import type { Notice, NoticeChannel, Notices } from "#ports/notices.ts";
import { deliver, type Letter } from "./delivery.ts";
import { chatMessage, rolloutId, webhookEvent, webhookId } from "./messages.ts";
import { signedHeaders } from "./signature.ts";

/**
 * Slack-compatible incoming webhooks and signed webhooks of one's own. Incoming webhooks cannot update a message, so
 * each event is one; a receiver of ours can, by `data.id` (docs/decisions/0012-notices.md).
 */
export function chatNotices({ clock }: { readonly clock: Clock }): Notices {
  return {
    async post(channel, notice, _previous, signal) {
      const url = parseUrl(channel);
      const letter =
        channel.spec.kind === "slack" ? chatLetter(url, notice) : signedLetter(url, channel, notice, clock);
      const reason = await deliver(letter, clock, signal);
      if (reason === undefined) return channel.spec.kind === "slack" ? undefined : rolloutId(notice);
      throw failed(channel, url.host, withoutSecrets(channel, url)(reason));
    },
  };
}

function chatLetter(url: URL, notice: Notice): Letter {
  return { url, body: JSON.stringify(chatMessage(notice)), headers: () => ({}) };
}

function signedLetter(url: URL, channel: NoticeChannel, notice: Notice, clock: Clock): Letter {
  const body = JSON.stringify(webhookEvent(notice));
  const sign = () => {
    const seconds = Math.floor(clock.now() / 1_000);
    return channel.signingSecret && signedHeaders(channel.signingSecret, { id: webhookId(notice), seconds, body });
  };
  if (!sign()) throw failed(channel, url.host, "its signing secret is not `whsec_` and base64 (24 to 64 bytes)");
  // Signed anew for each try: receivers refuse a timestamp that is minutes old.
  return { url, body, headers: () => ({ ...sign() }) };
}

/** The address is a secret: whoever has it can post. Only its host is ever told. */
function parseUrl(channel: NoticeChannel): URL {
  const url = URL.parse(channel.url.reveal().trim());
  if (url && (url.protocol === "https:" || url.protocol === "http:")) return url;
  throw failed(channel, "an unknown host", "its address is not a URL that begins with https:// or http://");
}

/** Some services repeat in their answers what they were asked. */
function withoutSecrets(channel: NoticeChannel, url: URL): (text: string) => string {
  const secrets = [channel.url, new Secret(url.href), new Secret(url.pathname), new Secret(url.search)];
  return makeMask(channel.signingSecret ? [...secrets, channel.signingSecret] : secrets);
}

function failed(channel: NoticeChannel, host: string, reason: string): SlipwayError {
  const kind = channel.spec.kind === "slack" ? "chat room" : "webhook";
  return new SlipwayError("notice.failed", `Could not tell the ${kind} at ${host}: ${reason}.`);
}
