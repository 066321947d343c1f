import { PasswordInput } from "@mantine/core";

/** The server prints an address with its token when it starts; who opened another one types it here, once a tab. */
export function TokenField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <PasswordInput
      label="Server token"
      description="The server names the file that holds it when it starts. This tab remembers it until it is closed."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      required
      withAsterisk={false}
      data-autofocus
    />
  );
}
