import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabStage } from "../../demo/lab-scene.ts";
import { programFor } from "../../scripts/setup/programs.ts";
import { waitUntil } from "../../scripts/setup/wait-until.ts";

const port = 9_093;
const startLimitMs = 30_000;
const answerLimitMs = 5_000;

/** For `LabWish.fleet`: every rollout of the service silences its alerts at the Alertmanager of the office. */
export const withAlerts = (fleetYaml: string): string =>
  fleetYaml.replace(
    /^( *)(balancers: .*)$/m,
    `$1$2\n$1alerts: [{ alertmanager: { url: "http://127.0.0.1:${port}", matchers: { service: hello } } }]`,
  );

export type LabAlerts = {
  /** Who made the silences that are in force. */
  silences(): Promise<readonly string[]>;
};

/** An Alertmanager in the office; it ends with the lab. */
export async function startAlertmanager({ lab }: LabStage): Promise<LabAlerts> {
  const config = join(lab.sharedDir, "alertmanager.yml");
  await writeFile(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
  const paths = [`--config.file=${config}`, `--storage.path=${lab.officeDataDir}/alertmanager`];
  const ways = [`--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="];
  lab.office.spawn([programFor("alertmanager"), ...paths, ...ways], { stdio: "ignore" });
  const url = `http://127.0.0.1:${await lab.publish(port)}`;
  const ask = (path: string) => fetch(url + path, { signal: AbortSignal.timeout(answerLimitMs) });
  const isReady = async () => (await ask("/-/ready").catch(() => undefined))?.ok === true;
  await waitUntil(isReady, startLimitMs, () => "the Alertmanager did not answer");
  return {
    async silences() {
      const all = (await (await ask("/api/v2/silences")).json()) as { createdBy: string; status: { state: string } }[];
      return all.filter(({ status }) => status.state === "active").map(({ createdBy }) => createdBy);
    },
  };
}
