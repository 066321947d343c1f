import type { DoctorShape } from "#contract/shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { stateColour } from "./render-status.ts";
import { tableLines } from "./table.ts";
import { counted, duration } from "./words.ts";

/** A line per check, advice below what is not well, and a sum at the end. */
export const renderDoctor = ({ checks }: DoctorShape, paint: Paint): string[] => {
  const lines = tableLines(
    checks.map(({ verdict, subject, message, ms }) => [
      { text: verdict, colour: stateColour(verdict) },
      printableLine(subject),
      duration(ms),
      printableLine(message),
    ]),
    paint,
  );
  const count = (verdict: string) => checks.filter((check) => check.verdict === verdict).length;
  return [
    ...checks.flatMap(({ advice, verdict }, index) => [
      lines[index] ?? "",
      ...(advice && verdict !== "ok" ? [`         ${paint(printableLine(advice), "bold")}`] : []),
    ]),
    "",
    `${counted(checks.length, "check")}: ${count("ok")} ok, ${counted(count("warning"), "warning")}, ${count("failed")} failed`,
  ];
};
