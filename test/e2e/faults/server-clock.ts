/** A clock that only the server has, and that can be set: the machine's own serves everybody else on it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabStage, LabWish } from "../../../demo/lab-scene.ts";
import { ensureSystem } from "../../../scripts/setup/ensure-system.ts";
import { findProgram } from "../../../scripts/setup/programs.ts";
import { runCommand } from "../../../scripts/setup/run-command.ts";
import type { Lab } from "../../lab/lab.ts";

const clockFile = (lab: Lab): string => join(lab.sharedDir, "clock");
const listLimitMs = 10_000;

/** The library answers in place of the kernel whoever asks for the time of day; what counts how long something takes is left alone. */
export const ownClock: LabWish = {
  async serverEnv(lab) {
    await ensureSystem(["faketime"]);
    await writeFile(clockFile(lab), "+0\n");
    return {
      LD_PRELOAD: await faketimeLibrary(),
      FAKETIME_TIMESTAMP_FILE: clockFile(lab),
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  },
};

export const setClock = ({ lab }: LabStage, aheadSeconds: number): Promise<void> =>
  writeFile(clockFile(lab), `${aheadSeconds < 0 ? "" : "+"}${aheadSeconds}\n`);

/** The program knows where its library is, and that differs from one distribution to the next. */
async function faketimeLibrary(): Promise<string> {
  const program = findProgram("faketime") ?? "faketime";
  const { output } = await runCommand([program, "-f", "+0", "env"], { deadlineMs: listLimitMs });
  const path = /^LD_PRELOAD=(\S+)$/m.exec(output)?.[1];
  if (!path) throw new Error(`${program} does not say which library it loads:\n${output}`);
  return path.replace(/libfaketime\.so/, "libfaketimeMT.so");
}
