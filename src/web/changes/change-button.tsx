import { Button, Group, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { CallError } from "../api.ts";
import { ErrorBox } from "../parts/error-box.tsx";
import { forgetToken, rememberToken, useToken } from "../token.ts";
import styles from "./change.module.css";
import { TokenField } from "./token-field.tsx";

type Props = {
  readonly label: string;
  readonly title: string;
  /** The button that does it: the verb itself, never "OK". */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isPrimary?: boolean;
  readonly run: () => Promise<unknown>;
  readonly children: ReactNode;
};

/** A button for something that changes the world: says what it will do, asks for the token if there is none, does it. */
export function ChangeButton({ label, title, isDangerous = false, isPrimary = false, ...asked }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const close = () => setIsOpen(false);
  return (
    <>
      <Button
        size="xs"
        variant={isPrimary ? "filled" : "default"}
        color="harbour.7"
        onClick={() => setIsOpen(true)}
        aria-haspopup="dialog"
      >
        {label}
      </Button>
      <Modal opened={isOpen} onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }} centered>
        <Question {...asked} isDangerous={isDangerous} close={close} />
      </Modal>
    </>
  );
}

type QuestionProps = Pick<Props, "confirm" | "run" | "children"> & { isDangerous: boolean; close: () => void };

function Question({ confirm, isDangerous, run, close, children }: QuestionProps) {
  const token = useToken();
  const [typed, setTyped] = useState("");
  const change = useMutation({ mutationFn: run, onSuccess: close, onError: forgetRefusedToken, networkMode: "always" });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token === undefined) rememberToken(typed);
    change.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      {children}
      {token === undefined && <TokenField value={typed} onChange={setTyped} />}
      {change.error && <Problem error={change.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" color={isDangerous ? "red.9" : "harbour.7"} loading={change.isPending}>
          {confirm}
        </Button>
      </Group>
    </form>
  );
}

function forgetRefusedToken(error: Error): void {
  if (error instanceof CallError && error.status === 401) forgetToken();
}

export function Problem({ error }: { error: Error }) {
  const shown =
    error instanceof CallError
      ? error.error
      : { code: "page.fault", message: error.message, advice: "Reload the page." };
  return (
    <div role="alert">
      <ErrorBox error={shown} title="That did not work" />
    </div>
  );
}
