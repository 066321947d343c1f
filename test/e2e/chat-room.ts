import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type ChatMessage = { readonly text: string; readonly link: string };
export type ChatRoom = AsyncDisposable & { readonly url: string; readonly messages: readonly ChatMessage[] };

type Posted = { readonly text: string; readonly attachments: readonly { readonly title_link: string }[] };

/** An incoming webhook as Slack and Mattermost have them, which keeps what is posted. */
export async function chatRoom(): Promise<ChatRoom> {
  const messages: ChatMessage[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { text, attachments } = JSON.parse(body) as Posted;
    messages.push({ text, link: attachments[0]?.title_link ?? "" });
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    messages,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
