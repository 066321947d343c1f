import { isOpen } from "#contract/rollout-words.ts";
import type { ReleaseShape, RolloutShape, SourceShape } from "#contract/shapes.ts";
import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { printableLine } from "./printable.ts";
import { renderDoctor } from "./render-doctor.ts";
import { rolloutTitle } from "./render-rollout.ts";
import { cut, tableLines } from "./table.ts";
import { ago, counted, shortSha } from "./words.ts";

/** Commands that ask the server once and print its answer. */

export const doctor = async (context: Context): Promise<number> => {
  const answer = await (await context.client()).call("doctor");
  print(context, answer, () => renderDoctor(answer, context.paint));
  return answer.checks.some((check) => check.verdict === "failed") ? exitCodes.failed : exitCodes.done;
};

export const cancel = async (context: Context, named: string, asked: Asked): Promise<number> => {
  const body = byOf(context, asked);
  const rollout = await (await context.client()).call("cancel", { params: { id: idOf(named) }, body });
  const next = "it ends what it does now and puts back what it touched";
  print(context, rollout, () => [stateLine(rollout, isOpen(rollout.state) ? next : "")]);
  return exitCodes.done;
};

export const approve = async (context: Context, named: string, asked: Asked): Promise<number> => {
  const body = byOf(context, asked);
  const rollout = await (await context.client()).call("approve", { params: { id: idOf(named) }, body });
  print(context, rollout, () => [stateLine(rollout, "approved")]);
  return exitCodes.done;
};

export const poll = async (context: Context, name: string): Promise<number> => {
  const source = await (await context.client()).call("poll", { params: { name } });
  print(context, source, () => [sourceLine(source)]);
  return source.error === undefined ? exitCodes.done : exitCodes.failed;
};

export const releases = async (context: Context, service: string): Promise<number> => {
  const answer = await (await context.client()).call("releases", { params: { service } });
  print(context, answer, () => releaseLines(answer.releases, context));
  return exitCodes.done;
};

type Asked = { readonly by?: string };

const byOf = ({ terminal }: Context, { by }: Asked) => ({ by: by ?? terminal.user });

/** `rollout/7`, `7` or an id. */
export const idOf = (named: string): string => {
  const id = named.replace(/^rollout\//, "");
  if (id !== "" && !id.includes("/")) return id;
  throw refused(`${JSON.stringify(named)} is no rollout.`, "Name it like `rollout/7` or `7`: see `slipway status`.");
};

const stateLine = (rollout: RolloutShape, remark: string): string =>
  `${rolloutTitle(rollout)} is ${rollout.state}${remark ? `: ${remark}` : ""}`;

const sourceLine = (source: SourceShape): string =>
  source.error === undefined
    ? `${printableLine(source.name)}: looked at ${printableLine(source.git)}`
    : `${printableLine(source.name)}: ${printableLine(source.error)} (failed ${counted(source.failures, "time")})`;

const releaseLines = (list: readonly ReleaseShape[], context: Context): string[] =>
  list.length === 0
    ? ["No release yet: a commit that builds makes the first."]
    : tableLines(
        list.map(({ number, commit, buildNumber, createdAt }) => [
          `release ${number}`,
          shortSha(commit.sha),
          printableLine(commit.branch),
          cut(printableLine(commit.subject), 60),
          `build/${buildNumber}`,
          ago(createdAt, Date.now()),
        ]),
        context.paint,
      );
