import { startEngine } from "../../../scripts/setup/own-engine.ts";

// Started by a test that kills it: it owns an engine and does nothing else.
const engine = await startEngine();
console.log(engine.socketPath);
setInterval(() => {}, 1_000);
