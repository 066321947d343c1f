/** What the world is like, asked of the world itself and not of Slipway. */
import { join } from "node:path";
import type { LabStage } from "../../../demo/lab-scene.ts";
import type { Lab } from "../../lab/lab.ts";

const asking = join(import.meta.dirname, "ask-holds.ts");

/** The release of the one container that runs there; 0 when none runs or the host is off, -1 when there are several. */
export async function releaseOn(lab: Lab, name: string): Promise<number> {
  const host = lab.host(name);
  if (!host.isOn) return 0;
  const label = '{{.Label "slipway.release"}}';
  const { exitCode, stdout } = await host.exec([
    "docker",
    "ps",
    "--filter",
    "label=slipway.service",
    "--format",
    label,
  ]);
  const releases = stdout.split("\n").filter(Boolean);
  if (exitCode !== 0 || releases.length > 1) return -1;
  return Number(releases[0] ?? 0);
}

export type ServerRow = { readonly name: string; readonly status: string; readonly lost: number };

/** HAProxy's own rows of its servers; none while it does not answer. */
export async function balancerRows(lab: Lab): Promise<ServerRow[]> {
  const csv = await lab.haproxy("show stat hello 4 -1").catch(() => "");
  const [header = [], ...rows] = csv.split("\n").map((line) => line.replace(/^# /, "").split(","));
  const cell = (row: readonly string[], name: string) => row[header.indexOf(name)] ?? "";
  return rows
    .filter((row) => row.length > 1)
    .map((row) => ({
      name: cell(row, "svname"),
      status: cell(row, "status"),
      lost: Number(cell(row, "econ")) + Number(cell(row, "eresp")) + Number(cell(row, "hrsp_5xx")),
    }));
}

export async function holdsOf({ lab }: LabStage): Promise<string[]> {
  const { exitCode, stdout, stderr } = await lab.office.exec([
    process.execPath,
    asking,
    join(lab.officeDataDir, "state"),
  ]);
  return exitCode === 0 ? (JSON.parse(stdout) as string[]) : [`(the database does not say: ${stderr.slice(0, 300)})`];
}
