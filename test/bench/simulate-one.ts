/** `simulate-one.ts HOSTS`: one simulated rollout in a process of its own; prints what it cost as one line of JSON. */
import { Session } from "node:inspector/promises";
import { Simulation } from "../simulation/simulation.ts";
import { cpuByPlace } from "./cpu-shares.ts";

export type SimulatedRun = {
  readonly hosts: number;
  readonly cpuMs: number;
  /** By whose code it was spent: shares of a sampling profile. */
  readonly cpuMsBy: Readonly<Record<string, number>>;
  readonly peakMemoryMb: number;
  readonly seconds: number;
};

const sampleEveryMicros = 500;
const hosts = Number(process.argv[2]);

/** Without this the numbers of a small fleet would be those of code that Node reads for the first time. */
await new Simulation({ hosts: 4, rollout: { batch: { percent: 5 } } }).run();

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: sampleEveryMicros });
await session.post("Profiler.start");
const startedAt = performance.now();
const before = process.cpuUsage();
const rollout = await new Simulation({ hosts, rollout: { batch: { percent: 5 } } }).run();
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - startedAt) / 1000;
const { maxRSS } = process.resourceUsage();
const { profile } = await session.post("Profiler.stop");
if (rollout.state !== "succeeded") throw new Error(`The simulated rollout ${rollout.state}: ${rollout.error?.message}`);

const cpuMs = (user + system) / 1000;
const run: SimulatedRun = { hosts, cpuMs, cpuMsBy: cpuByPlace(profile, cpuMs), peakMemoryMb: maxRSS / 1024, seconds };
process.stdout.write(`${JSON.stringify(run)}\n`);
