import assert from "node:assert/strict";
import { SlipwayError } from "#core/errors.ts";

/** The lines in which a configuration file is refused, without the file's name. */
export function refusalLines(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof SlipwayError && error.code === "config.invalid", String(error));
    return error.message.split("\n").map((line) => line.replace(/^[a-z]+\.yaml:/, ""));
  }
  return assert.fail("expected a refusal");
}
