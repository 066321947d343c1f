import assert from "node:assert/strict";
import { test } from "node:test";
import { allAims, type LabCase, type LabJourney, labCases } from "./lab-cases.ts";

const stepOf = ({ journey, at }: Pick<LabCase, "journey" | "at">) => `${journey} ${at.direction ?? ""} ${at.step}`;
const journeys = Object.keys(allAims) as LabJourney[];
const stepsOf = (journey: LabJourney) => allAims[journey].map(([first]) => stepOf(first as LabCase));
const most = Math.max(...journeys.map((journey) => allAims[journey].length));

test("a sample of three kills for every step of the longest journey kills in every step of every journey", () => {
  const sample = labCases(most * journeys.length);
  assert.deepEqual(new Set(sample.map(stepOf)), new Set(journeys.flatMap(stepsOf)));
});

test("a small sample is spread from the first steps to the last ones, over hosts, phases and bad hosts", () => {
  const sample = labCases(12);
  for (const journey of journeys) {
    const found = sample.filter((one) => one.journey === journey).map(stepOf);
    assert.equal(new Set(found).size, found.length, `${found} repeat`);
  }
  const distinct = (of: (one: LabCase) => unknown) => new Set(sample.map(of).filter(Boolean)).size;
  assert.ok(distinct(({ at }) => at.host) >= 3, "hosts");
  assert.ok(distinct(({ at }) => at.phase) >= 2, "phases");
  assert.ok(distinct(({ badOn }) => badOn) >= 2, "bad hosts");
  assert.ok(distinct(({ afterMs }) => afterMs) >= 2, "moments");
});

test("a sample that is long enough kills on every host and in every phase of every step", () => {
  const longest = Math.max(...journeys.flatMap((journey) => allAims[journey].map((variants) => variants.length)));
  const placeOf = ({ journey, at, badOn }: Pick<LabCase, "journey" | "at" | "badOn">) =>
    JSON.stringify([journey, badOn, at]);
  const all = journeys.flatMap((journey) => allAims[journey].flat().map(placeOf));
  assert.deepEqual(new Set(labCases(most * longest * journeys.length).map(placeOf)), new Set(all));
});

test("a put back is killed on no host that comes after the bad one", () => {
  for (const { badOn, at } of allAims["put-back"].flat())
    assert.ok((at.host ?? "") <= (badOn ?? ""), `${at.host} ${badOn}`);
});
