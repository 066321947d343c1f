import { useEffect, useRef } from "react";
import { BuildView } from "./build/build-view.tsx";
import { OverviewView } from "./overview/overview-view.tsx";
import { Announcer, useTitle } from "./parts/announcer.tsx";
import { Frame, focusView } from "./parts/frame.tsx";
import { RolloutView } from "./rollout/rollout-view.tsx";
import { useView, type View } from "./route.ts";

export function App() {
  const view = useView();
  useArrival(view);
  return (
    <Announcer>
      <Frame>
        <Shown view={view} />
      </Frame>
    </Announcer>
  );
}

/**
 * A view that was gone to begins at its top and has the focus: what was clicked is no longer there. The overview keeps
 * its place, so that going back finds what one looked at.
 */
function useArrival(view: View): void {
  const address = "id" in view ? `${view.name}/${view.id}` : view.name;
  const last = useRef(address);
  useEffect(() => {
    if (last.current === address) return;
    last.current = address;
    focusView();
    if (address !== "overview") scrollTo(0, 0);
  }, [address]);
}

function Shown({ view }: { view: View }) {
  switch (view.name) {
    case "overview":
      return <OverviewView />;
    case "build":
      return <BuildView id={view.id} key={view.id} />;
    case "rollout":
      return <RolloutView id={view.id} bundle={view.bundle} key={view.id} />;
    case "unknown":
      return <NoSuchView />;
  }
  return view satisfies never;
}

function NoSuchView() {
  useTitle("No such view");
  return (
    <p>
      There is no such view. <a href="#/">Back to the overview</a>
    </p>
  );
}
