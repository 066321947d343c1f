import type { z } from "zod";
import { type RouteName, routes } from "./routes.ts";

type Routes = typeof routes;

/** `{ id: string }` for `/api/builds/:id`. */
export type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Record<Name, string>
    : Record<never, string>;

type Readonlyish<T> = T extends readonly (infer Item)[]
  ? readonly Readonlyish<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Readonlyish<T[Key]> }
    : T;

/** A request as the server hands it on: checked, every default filled in. */
export type RequestOf<R extends RouteName> = {
  readonly params: ParamsOf<Routes[R]["path"]>;
  readonly query: Routes[R] extends { query: infer Query extends z.ZodType } ? z.output<Query> : undefined;
  readonly body: Routes[R] extends { body: infer Body extends z.ZodType } ? z.output<Body> : undefined;
};

/** A request as a client writes it: what has a default may be left out. */
export type CallOf<R extends RouteName> = {
  readonly params?: ParamsOf<Routes[R]["path"]>;
  readonly query?: Routes[R] extends { query: infer Query extends z.ZodType } ? z.input<Query> : never;
  readonly body?: Routes[R] extends { body: infer Body extends z.ZodType } ? z.input<Body> : never;
};

/** What a client gets. */
export type AnswerOf<R extends RouteName> = z.output<Routes[R]["answer"]>;

/** What a use case may give: keys that the shape does not name are cut off before they leave the server. */
export type GivenOf<R extends RouteName> = Readonlyish<z.input<Routes[R]["answer"]>>;

/** The route's path with its parameters filled in and encoded; throws when one is missing or empty. */
export const pathOf = (name: RouteName, params: Readonly<Record<string, string>> = {}): string =>
  routes[name].path.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value = params[key];
    if (!value) throw new TypeError(`${routes[name].path} needs a value for ${key}`);
    return encodeURIComponent(value);
  });
