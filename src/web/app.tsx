import { BuildView } from "./build/build-view.tsx";
import { OverviewView } from "./overview/overview-view.tsx";
import { Announcer, useTitle } from "./parts/announcer.tsx";
import { Frame } from "./parts/frame.tsx";
import { RolloutView } from "./rollout/rollout-view.tsx";
import { useView, type View } from "./route.ts";

export function App() {
  const view = useView();
  return (
    <Announcer>
      <Frame>
        <Shown view={view} />
      </Frame>
    </Announcer>
  );
}

function Shown({ view }: { view: View }) {
  switch (view.name) {
    case "overview":
      return <OverviewView />;
    case "build":
      return <BuildView id={view.id} key={view.id} />;
    case "rollout":
      return <RolloutView id={view.id} key={view.id} />;
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
