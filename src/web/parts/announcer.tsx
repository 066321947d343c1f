import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

const AnnounceContext = createContext<(text: string) => void>(() => {});

/** One quiet voice for the whole page: the tab's title, and a live region for those who do not see it change. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState("");
  return (
    <AnnounceContext value={setSaid}>
      {children}
      <div className="unseen" role="status">
        {said}
      </div>
    </AnnounceContext>
  );
}

/** What the view is about, and its state: `✗ Rollout 12 failed`. */
export function useTitle(title: string): void {
  const announce = useContext(AnnounceContext);
  useEffect(() => {
    document.title = title === "" ? "Slipway" : `${title} · Slipway`;
    announce(title);
  }, [title, announce]);
}
