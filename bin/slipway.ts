type Program = { readonly main: (argv: string[]) => Promise<number> };

/** The server and the command line are loaded apart, so that `slipway status` does not load PostgreSQL's driver. */
const programFor = (command: string | undefined): Promise<Program> =>
  command === "server" ? import("../src/main.ts") : import("../src/cli/cli.ts");

const argv = process.argv.slice(2);
const { main } = await programFor(argv[0]);
process.exitCode = await main(argv);
