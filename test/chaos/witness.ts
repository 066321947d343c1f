/** What the world itself says while a case is played: HAProxy, the hosts' engines and the Alertmanager, never Slipway. */
import { setTimeout as wait } from "node:timers/promises";
import type { LabStage } from "../../demo/lab-scene.ts";
import { balancerRows, releaseOn } from "../e2e/faults/fault-sights.ts";
import type { LabAlerts } from "./lab-alerts.ts";

const lookEveryMs = 100;

/** One look at HAProxy: the servers that it sends new requests to. */
export type BalancerSight = { readonly at: string; readonly up: readonly string[] };

export type Watched = {
  readonly sights: readonly BalancerSight[];
  /** Who silenced alerts at any time. */
  readonly silencedBy: readonly string[];
  /** Requests that HAProxy lost on each host, by its own counters. */
  readonly lostOn: Readonly<Record<string, number>>;
};

/** What there is when a case begins, and when it is over. */
export type WorldSight = {
  /** The release of the one container that runs; 0: none runs, -1: several. */
  readonly runs: Readonly<Record<string, number>>;
  readonly up: readonly string[];
  readonly silences: readonly string[];
};

export async function lookAtWorld({ lab }: LabStage, alerts: LabAlerts): Promise<WorldSight> {
  const runs = await Promise.all(lab.hosts.map(async ({ name }) => [name, await releaseOn(lab, name)] as const));
  return { runs: Object.fromEntries(runs), up: upOf(await balancerRows(lab)), silences: await alerts.silences() };
}

/** Looks ten times a second until it is ended. */
export async function watchWorld({ lab }: LabStage, alerts: LabAlerts): Promise<{ end(): Promise<Watched> }> {
  const sights: BalancerSight[] = [];
  const silencedBy = new Set<string>();
  const lostBefore = lostOf(await balancerRows(lab));
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const rows = await balancerRows(lab);
      // No rows: HAProxy did not answer this look.
      if (rows.length > 0) sights.push({ at: new Date().toISOString(), up: upOf(rows) });
      for (const by of await alerts.silences()) silencedBy.add(by);
      await wait(lookEveryMs);
    }
  })();
  watching.catch(() => undefined);
  return {
    async end() {
      isOver = true;
      await watching;
      const lost = lostOf(await balancerRows(lab));
      const lostOn = Object.entries(lost).map(([name, count]) => [name, count - (lostBefore[name] ?? 0)]);
      return { sights, silencedBy: [...silencedBy], lostOn: Object.fromEntries(lostOn) };
    },
  };
}

type Row = Awaited<ReturnType<typeof balancerRows>>[number];

/** HAProxy's "UP 1/2" is going down and still gets requests. */
const upOf = (rows: readonly Row[]): string[] =>
  rows.filter(({ status }) => status.startsWith("UP")).map(({ name }) => name);

const lostOf = (rows: readonly Row[]): Record<string, number> =>
  Object.fromEntries(rows.map(({ name, lost }) => [name, lost]));
