/** embedded-program.ts DIRECTORY: starts PostgreSQL there, says its address, and stays until it is killed. */
import { startEmbeddedPostgres } from "#adapters/postgres/embedded.ts";

const { url } = await startEmbeddedPostgres(process.argv[2] ?? "", () => {});
process.stdout.write(url);
setInterval(() => {}, 60_000);
