/** Runs in the office: has the server's process, whose inspector is open, collect its garbage; prints what it then uses. */
import { setTimeout as wait } from "node:timers/promises";

const inspector = "http://127.0.0.1:9229/json/list";
const openLimitMs = 10_000;
const againMs = 100;

type Answer = { readonly id: number; readonly result: { readonly result?: { readonly value?: string } } };

const socket = new WebSocket(await debuggerUrl());
const opened = Promise.withResolvers<unknown>();
socket.addEventListener("open", opened.resolve);
socket.addEventListener("error", () => opened.reject(new Error("the inspector hung up")));
await opened.promise;
// Twice: what finalizers let go of in the first round goes in the second.
for (const _ of [1, 2]) await call("HeapProfiler.collectGarbage");
const expression = "JSON.stringify(process.memoryUsage())";
const { result } = await call("Runtime.evaluate", { expression, returnByValue: true });
process.stdout.write(result.result?.value ?? "");
socket.close();

/** The inspector opens a moment after the signal. */
async function debuggerUrl(): Promise<string> {
  const giveUpAt = performance.now() + openLimitMs;
  for (;;) {
    const answer = await fetch(inspector).catch(() => undefined);
    if (answer?.ok) {
      const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
      if (target) return target.webSocketDebuggerUrl;
    }
    if (performance.now() > giveUpAt) throw new Error(`${inspector} did not answer within ${openLimitMs / 1000} s`);
    await wait(againMs);
  }
}

function call(method: string, params: object = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const id = Math.trunc(performance.now() * 1_000);
    const read = ({ data }: MessageEvent<string>) => {
      const answer = JSON.parse(data) as Answer;
      if (answer.id !== id) return;
      socket.removeEventListener("message", read);
      resolve(answer);
    };
    socket.addEventListener("message", read);
    socket.send(JSON.stringify({ id, method, params }));
  });
}
