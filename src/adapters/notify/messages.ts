import type { NoticeEvent } from "#core/fleet.ts";
import type { Notice } from "#ports/notices.ts";

/** Slack shows about 700 characters of an attachment before it folds it away. */
const textLimit = 700;
const shortLimit = 200;

const news: Readonly<Record<NoticeEvent, { readonly colour: string; readonly says: (notice: Notice) => string }>> = {
  started: { colour: "#439fe0", says: (n) => `Rolling out ${n.service} release ${n.release} to ${n.environment}` },
  succeeded: { colour: "good", says: (n) => `${n.service} release ${n.release} is live in ${n.environment}` },
  failed: { colour: "danger", says: (n) => `${n.service} release ${n.release} failed in ${n.environment}` },
  paused: { colour: "warning", says: (n) => `${n.service} in ${n.environment} is paused and waits for a person` },
  "put-back": { colour: "warning", says: (n) => `${n.service} in ${n.environment} was put back` },
};

/** For incoming webhooks as Slack and Mattermost take them. */
export function chatMessage(notice: Notice): object {
  const { colour, says } = news[notice.event];
  const title = harmless(says(notice), shortLimit);
  const commit = notice.commit.slice(0, 7);
  return {
    text: title,
    attachments: [
      {
        color: colour,
        fallback: title,
        title: `Rollout ${notice.rollout}`,
        title_link: notice.url,
        text: harmless(notice.text, textLimit),
        footer: harmless(`commit ${commit}, by ${notice.by}`, shortLimit),
      },
    ],
  };
}

/**
 * For receivers of one's own, in the shape that Standard Webhooks recommend. `data.id` is the same for all of a
 * rollout's events, so that a receiver can keep one message up to date.
 */
export function webhookEvent(notice: Notice): object {
  const { event, at, ...data } = notice;
  return { type: `rollout.${event}`, timestamp: at, data: { id: rolloutId(notice), ...data } };
}

export const rolloutId = ({ service, environment, rollout }: Notice): string =>
  `${service}-${environment}-${rollout}`.replaceAll(/[^A-Za-z0-9_-]/g, "-");

/** A receiver drops what it has seen already: the same for every try of one event, another for the next event. */
export const webhookId = (notice: Notice): string => `msg_${rolloutId(notice)}-${notice.event}`;

/**
 * Text of others (commit subjects, names, a program's last words) in a chat room: no mark-up, no `<!channel>`, no
 * `@all`, no control characters, an end.
 */
export function harmless(text: string, limit: number): string {
  const printable = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
  const letters = Array.from(printable);
  const short = letters.length > limit ? `${letters.slice(0, limit - 1).join("")}…` : printable;
  return short
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "@\u200b")
    .replaceAll("](", "]\u200b(");
}
