import type { FastifyInstance } from "fastify";

export type ReceiptFormat = "html" | "svg" | "png";
/** A receipt for people, by the rollout's id or number. */
export type ReceiptFile = (id: string, format: ReceiptFormat) => Promise<string | Uint8Array>;

const types: Readonly<Record<ReceiptFormat, string>> = {
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  png: "image/png",
};

/** `/api/rollouts/7/receipt.html`, `.svg` and `.png`. */
export const addReceiptFiles = (app: FastifyInstance, receiptFile: ReceiptFile): void => {
  for (const format of Object.keys(types) as ReceiptFormat[]) {
    app.get<{ Params: { id: string } }>(
      `/api/rollouts/:id/receipt.${format}`,
      { config: { access: "read" } },
      async (request, reply) => {
        const file = await receiptFile(request.params.id, format);
        return reply
          .header("Cache-Control", "no-store")
          .type(types[format])
          .send(typeof file === "string" ? file : Buffer.from(file));
      },
    );
  }
};
