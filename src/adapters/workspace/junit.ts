import { XMLParser } from "fast-xml-parser";
import type { TestReport } from "#core/build.ts";

const failuresKept = 50;
const messageLimit = 2_000;
const nestingRead = 20;

type Suite = Record<string, unknown>;

/** Counts from one JUnit file of the common dialect; a file that is no XML becomes a failure of its own. */
export function readJunit(text: string, fileName: string): TestReport {
  const parser = new XMLParser({
    ignoreAttributes: false,
    // A failure whose whole text is a number is still a text.
    parseTagValue: false,
    attributeNamePrefix: "@",
    processEntities: false,
    htmlEntities: false,
  });
  try {
    const document = parser.parse(text, true) as Suite;
    return sumReports(casesOf(document, 0).map(reportOf));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [{ name: fileName, message: `This report could not be read: ${why}`.slice(0, messageLimit) }],
    };
  }
}

export const sumReports = (reports: readonly TestReport[]): TestReport => ({
  passed: sum(reports.map(({ passed }) => passed)),
  failed: sum(reports.map(({ failed }) => failed)),
  skipped: sum(reports.map(({ skipped }) => skipped)),
  failures: reports.flatMap(({ failures }) => failures).slice(0, failuresKept),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Every testcase below, however its suites are nested. */
function casesOf(suite: Suite, depth: number): Suite[] {
  if (depth > nestingRead) return [];
  const inner = [...list(suite.testsuites), ...list(suite.testsuite)].flatMap((child) => casesOf(child, depth + 1));
  return [...list(suite.testcase), ...inner];
}

function reportOf(testcase: Suite): TestReport {
  const failure =
    list(testcase.failure)[0] ?? list(testcase.error)[0] ?? firstText(testcase.failure) ?? firstText(testcase.error);
  const isSkipped = "skipped" in testcase;
  if (failure === undefined) return { passed: isSkipped ? 0 : 1, failed: 0, skipped: isSkipped ? 1 : 0, failures: [] };
  const name = plain(
    [testcase["@classname"], testcase["@name"]]
      .filter((part) => typeof part === "string" && part !== "test")
      .join(" > "),
  );
  const message = typeof failure === "string" ? failure : String(failure["@message"] ?? failure["#text"] ?? "");
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name, message: plain(message).slice(0, messageLimit) }] };
}

const list = (value: unknown): Suite[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is Suite => typeof item === "object" && item !== null);

const firstText = (value: unknown): string | undefined =>
  (Array.isArray(value) ? value : [value]).find((item): item is string => typeof item === "string");

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** The five that XML itself names and characters by number; declared ones stay as they stand. */
const plain = (text: string): string =>
  text.replaceAll(/&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (entity, name, decimal, hex) => {
    if (name) return entities[entity] ?? entity;
    const point = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return point > 0x10ffff ? entity : String.fromCodePoint(point);
  });
