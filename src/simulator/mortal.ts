/** One process of the server, from its start to its death. */
export type Life = { isDead: boolean };

type Verb = (...given: unknown[]) => unknown;

/**
 * The port as a process uses it that can die: after the death nothing is asked any more, and no answer arrives. What
 * was asked before it goes on by itself, as a command does that another machine has received.
 */
export function mortal<T extends object>(port: T, life: Life): T {
  const verbs = Object.entries(port).map(([name, verb]) => [name, mortalVerb(verb as Verb, life)]);
  return Object.fromEntries(verbs) as T;
}

const mortalVerb =
  (verb: Verb, life: Life): Verb =>
  (...given) => {
    if (life.isDead) return never();
    const answer = verb(...given);
    return answer instanceof Promise ? heard(answer, life) : answer;
  };

async function heard(answer: Promise<unknown>, life: Life): Promise<unknown> {
  try {
    const value = await answer;
    return life.isDead ? never() : value;
  } catch (thrown) {
    if (life.isDead) return never();
    throw thrown;
  }
}

const never = () => new Promise<never>(() => {});
