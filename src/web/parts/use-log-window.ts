import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export const lineHeightPx = 20;
const overscan = 20;
/** This near to the end counts as the end: a touch screen rarely stops on the very pixel. */
const nearEndPx = 12;
const firstShown = 60;

type LogWindow = {
  readonly box: RefObject<HTMLElement | null>;
  readonly first: number;
  readonly last: number;
  readonly isFollowing: boolean;
  readonly follow: () => void;
  readonly onScroll: () => void;
};

/** Which lines are in sight. Stays at the end while the log grows, until the reader scrolls up. */
export function useLogWindow(length: number): LogWindow {
  const box = useRef<HTMLElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  const [sight, setSight] = useState({ first: 0, last: firstShown });

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (isFollowing && length > 0) element.scrollTop = element.scrollHeight;
    setSight(sightOf(element));
  }, [length, isFollowing]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    setIsFollowing(element.scrollHeight - element.scrollTop - element.clientHeight <= nearEndPx);
    setSight(sightOf(element));
  };
  return { box, first: sight.first, last: sight.last, isFollowing, follow: () => setIsFollowing(true), onScroll };
}

function sightOf({ scrollTop, clientHeight }: HTMLElement): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / lineHeightPx) - overscan);
  return { first, last: first + Math.ceil(clientHeight / lineHeightPx) + 2 * overscan };
}
