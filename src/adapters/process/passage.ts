import { stat } from "node:fs/promises";
import { dirname } from "node:path";

const othersMayPass = 0o001;

/** Whether every directory on the way lets others through, and others may run or enter the thing itself. */
export async function canBeEntered(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    if (((await stat(at)).mode & othersMayPass) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
