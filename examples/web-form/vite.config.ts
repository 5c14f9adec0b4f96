import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { outDir: "dist/site", target: "es2022" },
  // Calls of a page that `npx vite` serves go to the server of `npm start`.
  server: { proxy: { "/webform.v1.LibraryService": "http://localhost:8080" } },
  // In this repository, the runtime has a copy of its own for its tests.
  resolve: { dedupe: ["@connectrpc/connect"] },
});
