import { existsSync } from "node:fs";
import { findProgram, installAdvice, isPresent, kinds, type Need, widenPath } from "./programs.ts";
import { mustRun, runCommand } from "./run-command.ts";

export type { Need } from "./programs.ts";

const updateDeadlineMs = 180_000;
const installDeadlineMs = 900_000;
const unitDeadlineMs = 30_000;

/** What `npm test` and the lab use; Ansible is for `npm run bench` alone, and large. */
export const allNeeds: readonly Need[] = (Object.keys(kinds) as Need[]).filter((need) => need !== "ansible");

/** The needs that this machine does not have. */
export const missingNeeds = (needs: readonly Need[]): Need[] => {
  widenPath();
  return needs.filter((need) => !isPresent(need));
};

/**
 * Every needed program is on the machine and on the PATH when it resolves. As root with apt it installs what is
 * missing; no service is started by that. Otherwise it rejects with what is missing and the command that installs it.
 */
export const ensureSystem = async (needs: readonly Need[], say: (line: string) => void = tell): Promise<void> => {
  const missing = missingNeeds(needs);
  if (missing.length === 0) return;
  const names = missing.map((need) => kinds[need].programs[0]).join(", ");
  const canInstall = process.getuid?.() === 0 && findProgram("apt-get");
  if (!canInstall) throw new Error(`This machine has no ${names}. ${installAdvice(missing)}`);
  const packages = missing.flatMap((need) => kinds[need].apt);
  say(`installs ${packages.join(", ")} (apt-get); no service is started`);
  await withoutServices(
    missing.flatMap((need) => kinds[need].units),
    () => install(packages),
  );
  const still = missingNeeds(missing);
  if (still.length > 0)
    throw new Error(`apt-get installed ${packages.join(" ")}, yet there is no ${still.join(", ")}.`);
};

const tell = (line: string): void => {
  process.stderr.write(`slipway: ${line}\n`);
};

const install = async (packages: readonly string[]): Promise<void> => {
  const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
  // Another apt (unattended upgrades) may hold its lock for a while on a new machine.
  const options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", "-q", "-y"];
  // A list that could not be read in full may still name all we need: the install decides.
  await runCommand(["apt-get", ...options, "update"], { deadlineMs: updateDeadlineMs, env });
  await mustRun(["apt-get", ...options, "install", "--no-install-recommends", ...packages], {
    deadlineMs: installDeadlineMs,
    env,
  });
};

/**
 * Debian starts a service as soon as it is installed: an SSH server or a registry on every address would be a bad
 * surprise. A run-time mask prevents that and is forgotten at the next boot, should we be killed in between.
 */
const withoutServices = async (units: readonly string[], act: () => Promise<void>): Promise<void> => {
  if (units.length === 0 || !existsSync("/run/systemd/system")) return act();
  await runCommand(["systemctl", "mask", "--runtime", ...units], { deadlineMs: unitDeadlineMs });
  try {
    await act();
  } finally {
    await runCommand(["systemctl", "unmask", "--runtime", ...units], { deadlineMs: unitDeadlineMs });
    await runCommand(["systemctl", "disable", ...units], { deadlineMs: unitDeadlineMs });
  }
};
