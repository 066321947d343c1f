/** A sentence in which names and commands stand between backticks, as every advice is written. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    // Every second part stood between two of them; one that was never closed is text.
    index % 2 === 1 && index < text.split("`").length - 1 ? <code key={`${index} ${part}`}>{part}</code> : part,
  );
}
