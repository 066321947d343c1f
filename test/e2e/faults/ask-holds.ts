/** Runs in the office: ask-holds.ts DATA_DIRECTORY. Prints what the server holds, as its database has it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

const directory = join(process.argv[2] ?? "", "postgres");
const password = await readFile(`${directory}.password`, "utf8");
const [, , , port] = (await readFile(join(directory, "data/postmaster.pid"), "utf8")).split("\n");
const client = new pg.Client(`postgresql://slipway:${password}@127.0.0.1:${port}/slipway`);
await client.connect();
const { rows } = await client.query<{ doc: { kind: string; subject: string } }>("select doc from holds");
await client.end();
process.stdout.write(JSON.stringify(rows.map(({ doc }) => `${doc.kind} ${doc.subject}`)));
