import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { printableText } from "./printable.ts";

type Kind = "service" | "fleet";
type Verdict = { readonly file: string; readonly kind: Kind; readonly ok: boolean; readonly message?: string };

/** Reads configuration files as the server would, offline. */
export const validate = async (
  context: Context,
  named: readonly string[],
  options: { kind?: Kind },
): Promise<number> => {
  const files = named.length > 0 ? named : ["slipway.yaml", "fleet.yaml"].filter((file) => existsSync(file));
  if (files.length === 0) {
    throw refused(
      "There is no slipway.yaml and no fleet.yaml here.",
      "Name a file: `slipway validate path/to/fleet.yaml`.",
    );
  }
  const verdicts: Verdict[] = [];
  for (const file of files) verdicts.push(await verdictOf(file, options.kind ?? kindOf(file)));
  const ok = verdicts.every((verdict) => verdict.ok);
  print(context, { ok, files: verdicts }, () => verdicts.map((verdict) => verdictText(verdict, context)));
  return ok ? exitCodes.done : exitCodes.refused;
};

const kindOf = (file: string): Kind => {
  const name = basename(file).toLowerCase();
  if (name.includes("fleet")) return "fleet";
  if (name.includes("slipway") || name.includes("service")) return "service";
  throw refused(`Is ${file} a service's file or a fleet's?`, "Say --kind service or --kind fleet.");
};

const verdictOf = async (file: string, kind: Kind): Promise<Verdict> => {
  const text = await textOf(file);
  try {
    await (kind === "fleet" ? parseFleet(text, file) : parseService(text, file));
    return { file, kind, ok: true };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "config.invalid") {
      return { file, kind, ok: false, message: error.message };
    }
    throw error;
  }
};

const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused(`Could not read ${file}: ${why}.`, "Name a file that exists and that you may read.");
  }
};

// Loaded when needed: the other commands start faster without the parsers.
const parseService = async (text: string, file: string): Promise<unknown> =>
  (await import("#config/service-file.ts")).parseServiceFile(text, file);

const parseFleet = async (text: string, file: string): Promise<unknown> =>
  (await import("#config/fleet-file.ts")).parseFleetFile(text, file, {
    resolvePath: (path: string) => resolve(dirname(file), path),
  });

const verdictText = ({ file, kind, ok, message = "" }: Verdict, { paint }: Context): string =>
  ok ? `${file}: ${paint("valid", "green")} ${kind} file` : printableText(message).trimEnd();
