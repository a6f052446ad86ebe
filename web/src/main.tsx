import "./app/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/providers.tsx";
import { createQueryClient } from "./app/queries.ts";
import { createAppRouter } from "./app/router.tsx";
import { Live } from "./live/live.ts";

const queries = createQueryClient();
const router = createAppRouter(queries);
// The page and its first answers are on their way while the frame is drawn.
void router.load();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers queries={queries} router={router} live={new Live(queries)} />
    </StrictMode>,
  );
}
