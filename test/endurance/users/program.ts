/** Runs on the lab's client: program.ts URL RATE WEBSOCKETS. Answers each line of its input with the counts. */
import { createInterface } from "node:readline";
import { type Noted, Outcomes } from "./outcomes.ts";
import { type RequestCount, Requests } from "./requests.ts";
import { type WebsocketCount, Websockets } from "./websockets.ts";

export type UserCount = RequestCount & { readonly websockets: WebsocketCount; readonly noted: readonly Noted[] };

if (import.meta.main) {
  const [url = "", rate, clients] = process.argv.slice(2);
  const outcomes = new Outcomes();
  const requests = new Requests(url, Number(rate), outcomes);
  const websockets = new Websockets(url, Number(clients), outcomes);
  const count = (): UserCount => ({ ...requests.count, websockets: websockets.count, noted: outcomes.all });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "stop") await Promise.all([requests.stop(), websockets.stop()]);
    process.stdout.write(`${JSON.stringify(count())}\n`);
  }
}
