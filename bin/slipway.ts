type Program = { readonly main: (argv: string[]) => Promise<number> };

/** The server, the simulator and the command line are loaded apart, so that `slipway status` does not load PostgreSQL's driver. */
const programFor = ([command, ...rest]: string[]): Promise<Program> => {
  const asksForHelp = rest.includes("--help") || rest.includes("-h");
  if (command === "server" && !asksForHelp) return import("../src/main.ts");
  if (command === "rehearse" && !asksForHelp) return import("../src/simulator/main.ts");
  return import("../src/cli/cli.ts");
};

const argv = process.argv.slice(2);
const { main } = await programFor(argv);
const exitCode = await main(argv);
// What a stopped server leaves half done waits in this process for a next one: nothing may wait for it to end.
if (argv[0] === "server") process.exit(exitCode);
process.exitCode = exitCode;
