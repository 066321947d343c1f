import type { NoticeEvent, NotifySpec } from "#core/fleet.ts";
import type { Rollout } from "#core/rollout.ts";
import { Secret } from "#core/secret.ts";
import type { Run, Workflow } from "#engine/run.ts";
import type { Notice, NoticeChannel } from "#ports/notices.ts";
import { bundleId, mostBundles } from "#workflows/keep-bundle.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
/** How long a chat room that does not answer is tried. The rollout does not wait for it. */
const postTimeoutMs = 5 * 60_000;

/** Tells everybody who wants to know; the telling goes on by itself while the rollout moves on. */
export async function announce(
  run: Run,
  world: World,
  { event, part, ...what }: { rolloutId: string; event: NoticeEvent | undefined; part?: number },
): Promise<void> {
  if (!event) return;
  const channels = await run.step(`channels ${event}`, recordTimeoutMs, async () =>
    world.fleet().notify.flatMap((channel, index) => (channel.on.includes(event) ? [index] : [])),
  );
  for (const channel of channels) {
    const id = `${what.rolloutId}/notice/${event}${part ?? ""}/${channel}`;
    const partition = `${what.rolloutId}/${channel}`;
    await run.child(postNotice(world), id, { ...what, event, channel }, { queue: "notices", partition });
  }
}

type NoticeInput = { readonly rolloutId: string; readonly event: NoticeEvent; readonly channel: number };

/** One notice to one channel. A dead channel ends in a line of the timeline and nothing else. */
export const postNotice = (world: World): Workflow<NoticeInput, void> => ({
  name: "post-notice",
  run: (run, { rolloutId, event, channel }) =>
    run.step("post", postTimeoutMs, async (signal) => {
      const spec = world.fleet().notify[channel];
      const rollout = await world.rollouts.get(rolloutId);
      if (!spec || !rollout) return;
      const place = { rolloutId, step: "announce" as const };
      try {
        await world.notices.post(
          await channelOf(world, spec),
          await noticeOf(world, rollout, event),
          undefined,
          signal,
        );
        await world.timeline.append({ ...place, phase: "succeeded", message: `${event}: ${spec.kind} was told` });
      } catch (thrown) {
        const message = world.mask(thrown instanceof Error ? thrown.message : String(thrown));
        await world.timeline.append({ ...place, phase: "failed", message: `${event}: ${message}` });
      }
    }),
});

async function channelOf(world: World, spec: NotifySpec): Promise<NoticeChannel> {
  if (spec.kind === "webhook")
    return { spec, url: new Secret(spec.url), signingSecret: await world.secrets.reveal(spec.signingSecret.secret) };
  const url =
    typeof spec.webhook === "string" ? new Secret(spec.webhook) : await world.secrets.reveal(spec.webhook.secret);
  return { spec, url };
}

async function noticeOf(world: World, rollout: Rollout, event: NoticeEvent): Promise<Notice> {
  const release = await world.releases.get(rollout.service, rollout.release);
  return {
    event,
    rollout: rollout.number,
    service: rollout.service,
    environment: rollout.environment,
    release: rollout.release,
    commit: release?.commit.sha ?? "",
    by: rollout.by,
    text: textOf(rollout, event).trimEnd() + (await bundleLink(world, rollout, event)),
    url: world.rolloutUrl(rollout.id),
    at: new Date(world.clock.now()).toISOString(),
  };
}

/** Where the bundle of a failed host is to be read, the first of them where there are more. */
async function bundleLink(world: World, { id }: Rollout, event: NoticeEvent): Promise<string> {
  if (event === "started" || event === "succeeded") return "";
  const events = (await world.timeline.of(id)).filter(({ host, direction }) => host && direction === "forward");
  const failed = events.filter(({ phase }) => phase === "failed");
  // Of a canary or a switch that failed as a whole, the hosts it was about say why.
  const hosts = [...failed, ...events].map(({ host = "" }) => host);
  for (const host of [...new Set(hosts)].slice(0, mostBundles)) {
    const [kept] = await world.logs.read(bundleId(id, host), 0, 1);
    if (kept) return ` Bundle: ${world.rolloutUrl(id)}?bundle=${encodeURIComponent(host)}`;
  }
  return "";
}

function textOf({ service, environment, release, receipt, error, pause }: Rollout, event: NoticeEvent): string {
  const what = `${service} r${release}`;
  const traffic = receipt?.prober
    ? ` ${receipt.prober.requests} requests, ${receipt.prober.failed + receipt.prober.cut} failed.`
    : "";
  switch (event) {
    case "started":
      return `Rolling ${what} out to ${environment}.`;
    case "succeeded":
      return `${what} is live on ${environment} after ${receipt?.seconds ?? "?"} s.${traffic}`;
    case "paused":
      return `${what} is paused on ${environment} and waits for a person: ${pause?.choices.join(", ") ?? ""}. ${pause?.message ?? ""}`;
    case "put-back":
      return `${what} failed on ${environment} and was put back. ${error?.message ?? ""}${traffic}`;
    case "failed":
      return `${what} failed on ${environment}. ${error?.message ?? ""} ${error?.advice ?? ""}`;
  }
  return event satisfies never;
}
