type Where = {
  /** `--data`, where it was given. */
  readonly data?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Root's home is closed to others, and the users of the database and of the build steps must pass. */
  readonly isRoot?: boolean;
};

/**
 * Where the server keeps what it remembers, and where the command line looks for its token: `--data`, else
 * `SLIPWAY_DATA`, else `/var/lib/slipway` for root, else `$XDG_STATE_HOME/slipway`, else `~/.local/state/slipway`. A relative XDG_STATE_HOME does not
 * count, as the XDG Base Directory Specification says.
 */
export const stateDirectory = ({ data, env, home, isRoot }: Where): string => {
  const given = data || env.SLIPWAY_DATA;
  if (given) return given;
  if (isRoot) return "/var/lib/slipway";
  const state = env.XDG_STATE_HOME?.startsWith("/") ? env.XDG_STATE_HOME : `${home}/.local/state`;
  return `${state.replace(/\/+$/, "")}/slipway`;
};

/** The token's file within the state directory. */
export const tokenFile = (directory: string): string => `${directory.replace(/\/+$/, "")}/token`;
