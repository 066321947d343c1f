const propagations = new Set(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);

/**
 * `/host:/container[:ro]` as a mount. Docker's `Binds` makes a missing source a directory, silently; a mount of type
 * `bind` is refused instead, and the refusal names the path. A source without a slash is a named volume.
 */
export function mountOf(volume: string) {
  const [source = "", target = source, options = ""] = volume.split(":");
  const words = options.split(",");
  const propagation = words.find((word) => propagations.has(word));
  return {
    Type: source.startsWith("/") ? "bind" : "volume",
    Source: source,
    Target: target,
    ReadOnly: words.includes("ro"),
    ...(propagation === undefined ? {} : { BindOptions: { Propagation: propagation } }),
  };
}
