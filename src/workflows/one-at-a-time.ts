/** The acts on one subject follow each other in the order they were asked for; resolves and rejects as the act does. */
export type OneAtATime = <T>(subject: string, act: () => Promise<T>) => Promise<T>;

/**
 * For what is looked at and then changed by several rollouts. Within one process: only one server at a time uses a
 * database. An act that fails keeps nobody from the next one; each ends by a deadline of its own.
 */
export function oneAtATime(): OneAtATime {
  const latest = new Map<string, Promise<unknown>>();
  return (subject, act) => {
    const mine = (latest.get(subject) ?? Promise.resolve()).then(act, act);
    latest.set(subject, mine);
    const forget = () => {
      if (latest.get(subject) === mine) latest.delete(subject);
    };
    mine.then(forget, forget);
    return mine;
  };
}
