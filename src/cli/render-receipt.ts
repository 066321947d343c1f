import type { ReceiptShape } from "#contract/receipt-shapes.ts";
import type { Paint } from "./paint.ts";
import { printableLine } from "./printable.ts";
import { indented, stateColour } from "./render-status.ts";
import { type Cell, tableLines } from "./table.ts";
import { clockTime, counted, duration } from "./words.ts";

const steps = ["drain", "replace", "check", "admit", "bake"] as const;

/** The proof of a rollout, as a person reads it. */
export const renderReceipt = (receipt: ReceiptShape, paint: Paint): string[] => [
  paint(`Receipt of rollout ${receipt.rollout}`, "bold"),
  ...indented(tableLines(facts(receipt), paint)),
  "",
  ...indented(tableLines([header, ...receipt.hosts.map(hostRow)], paint)),
  ...receipt.hosts.flatMap(({ host, why }) => (why ? [printableLine(`  ${host} was left out: ${why}`)] : [])),
  ...holdLines(receipt, paint),
];

const facts = (receipt: ReceiptShape): Cell[][] => {
  const before = receipt.previousRelease === undefined ? "" : `, before: release ${receipt.previousRelease}`;
  return [
    ["outcome", { text: receipt.outcome, colour: stateColour(receipt.outcome) }],
    [
      "service",
      `${printableLine(receipt.service)} release ${receipt.release} in ${printableLine(receipt.environment)}${before}`,
    ],
    ["commit", printableLine(receipt.commit)],
    ["image", printableLine(receipt.image)],
    ["by", printableLine(receipt.by)],
    ["took", duration(receipt.seconds * 1_000)],
    ...(receipt.commitToLiveSeconds === undefined
      ? []
      : [["commit to live", duration(receipt.commitToLiveSeconds * 1_000)]]),
    ...trafficRow("prober", receipt.prober),
    ...trafficRow("balancers", receipt.balancers),
    ...(receipt.uncounted ?? []).map((words): Cell[] => [
      "not counted",
      { text: printableLine(words), colour: "yellow" },
    ]),
    ...windowRow("before", receipt.before),
    ...windowRow("after", receipt.after),
    ["longest drain", duration(receipt.longestDrainMs)],
  ];
};

const trafficRow = (name: string, traffic: ReceiptShape["prober"]): Cell[][] => {
  if (traffic === undefined) return [];
  const lost = traffic.failed + traffic.cut > 0;
  return [[name, { text: trafficText(traffic), colour: lost ? "red" : "green" }]];
};

/** Watched around the rollout: by the balancers, who see everybody, else by the prober. */
const windowRow = (name: string, window: ReceiptShape["before"]): Cell[][] => {
  const traffic = window?.balancers ?? window?.prober;
  return window && traffic ? [[name, `${trafficText(traffic)}, in ${duration(window.seconds * 1_000)}`]] : [];
};

const holdLines = ({ holds = [] }: ReceiptShape, paint: Paint): string[] =>
  holds.length === 0
    ? []
    : [
        "",
        "  Held for the rollout",
        ...indented(
          tableLines(
            holds.map(({ kind, subject, before, takenAt, givenBackAt }): Cell[] => [
              printableLine(kind),
              printableLine(subject),
              beforeText(kind, before),
              `taken ${clockTime(takenAt)}`,
              givenBackAt
                ? `given back ${clockTime(givenBackAt)}`
                : { text: "not given back when this was written", colour: "yellow" },
            ]),
            paint,
          ),
        ),
      ];

/** What somebody else had switched off stays so; a lock was free and alerts were heard. */
const beforeText = (kind: string, before: string | undefined): string =>
  before === undefined || before === "[]" || (kind !== "drain" && kind !== "autoscaling")
    ? ""
    : `before: ${printableLine(before)}`;

/** `1200 requests, 0 failed, 0 cut off` */
export const trafficText = (traffic: NonNullable<ReceiptShape["prober"]>): string =>
  `${counted(traffic.requests, "request")}, ${traffic.failed} failed, ${traffic.cut} cut off`;

const header: Cell[] = ["host", "outcome", ...steps, "put back", "repeated"];

const hostRow = (host: ReceiptShape["hosts"][number]): Cell[] => [
  printableLine(host.joined ? `${host.host} (joined)` : host.host),
  { text: host.outcome, colour: stateColour(host.outcome) },
  ...steps.map((step) => (host.stepsMs[step] === undefined ? "-" : duration(host.stepsMs[step]))),
  host.putBackMs === undefined ? "-" : duration(host.putBackMs),
  host.repeated === 0 ? "-" : String(host.repeated),
];
