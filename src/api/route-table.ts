import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { UseCases } from "#app/use-cases.ts";
import { type Route, type RouteName, routes } from "#contract/routes.ts";
import { SlipwayError } from "#core/errors.ts";
import { checkedInput } from "./checked-input.ts";

/** Adds every route of the contract: request checked by its shapes, answer cut to its shape. */
export const addRoutes = (app: FastifyInstance, useCases: UseCases): void => {
  acceptEmptyJson(app);
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    const useCase = useCases[name] as UntypedUseCase;
    app.route({
      method: route.method,
      url: route.path,
      config: { access: route.change ? "change" : "read" },
      handler: async (request, reply) => {
        const given = await useCase(checkedRequest(route, request));
        return reply.header("Cache-Control", "no-store").send(cutToShape(name, route.answer, given));
      },
    });
  }
};

// The loop cannot know which entry of the table it is at; UseCases has tied each function to its own shapes.
type UntypedUseCase = (request: { params: unknown; query: unknown; body: unknown }) => Promise<unknown>;

const checkedRequest = (route: Route, request: FastifyRequest) => ({
  params: { ...(request.params as Record<string, string>) },
  query: route.query && checkedInput(route.query, request.query, "query"),
  body: route.body && checkedInput(route.body, request.body, "body"),
});

const cutToShape = (name: string, shape: z.ZodType, given: unknown): unknown => {
  const read = shape.safeParse(given);
  if (read.success) return read.data;
  throw new SlipwayError("fault", `The answer of ${name} has not its own shape`, { cause: read.error });
};

/** A change without a body may still say that it is JSON, as many clients always do. */
const acceptEmptyJson = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parse(request, body, done);
  });
};
