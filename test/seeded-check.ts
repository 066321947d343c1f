import fc from "fast-check";

/**
 * The same cases every time, so that what a check says depends on the commit alone. `SLIPWAY_SEED=random npm test` goes
 * where nobody has been and prints the seed where something broke; `SLIPWAY_SEED=N` plays it again.
 */
const usualSeed = 20_261_124;
const { SLIPWAY_SEED: asked = usualSeed } = process.env;
export const seed = asked === "random" ? Date.now() % 2 ** 31 : Number(asked);

fc.configureGlobal({ seed });

export { fc };
