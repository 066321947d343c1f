import pino from "pino";

export type ServerLog = { info(line: string): void; warn(line: string): void; error(line: string): void };

/** One JSON line for each event on standard output, or plain text on a terminal; masked before it is written. */
export function serverLog(mask: (text: string) => string, isTerminal: boolean): ServerLog {
  if (isTerminal) {
    const say = (line: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${mask(line)}\n`);
    return { info: say, warn: say, error: say };
  }
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 1, sync: true }));
  return {
    info: (line) => log.info(mask(line)),
    warn: (line) => log.warn(mask(line)),
    error: (line) => log.error(mask(line)),
  };
}
