import "@mantine/core/styles.css";
import "./page.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { LiveProvider } from "./live.tsx";
import { makeQueryClient } from "./queries.ts";
import { theme } from "./theme.ts";
import { takeTokenFromAddress } from "./token.ts";

takeTokenFromAddress();

const place = document.getElementById("page");
if (!place) throw new Error('index.html has no element with the id "page"');

createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={makeQueryClient()}>
        <LiveProvider>
          <App />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
