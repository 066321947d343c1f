import type { GivenOf, RequestOf } from "#contract/calls.ts";
import type { RouteName } from "#contract/routes.ts";

/**
 * What the HTTP API can ask for: one function per route of the contract. A request arrives checked, with its defaults
 * filled in. It rejects with a SlipwayError; anything else that is thrown is a fault.
 */
export type UseCases = { readonly [R in RouteName]: (request: RequestOf<R>) => Promise<GivenOf<R>> };
