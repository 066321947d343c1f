import { TextInput } from "@mantine/core";
import { longestName } from "../asker.ts";

/** Who asks: nobody must say it, and it is no proof of who they are. */
export function NameField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      label="Your name"
      description="For the timeline and the receipt; this browser remembers it."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={longestName}
      autoComplete="name"
      spellCheck={false}
    />
  );
}
