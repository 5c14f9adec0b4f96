import { print } from "../print.js";
import { handler } from "./handler.js";

/** What Bun and Deno add to the globals, as far as it is used here. */
interface Globals {
  readonly Bun?: { serve(options: Place & { fetch: typeof handler; idleTimeout: number }): { port: number } };
  readonly Deno?: { serve(options: Place, fetch: typeof handler): { addr: { port: number } } };
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

// Serves the calls with Bun.serve() or Deno.serve().
const { Bun, Deno } = globalThis as Globals;
const place = { hostname: "127.0.0.1", port: 0 };
const port = Bun?.serve({ ...place, fetch: handler, idleTimeout: 0 }).port ?? Deno?.serve(place, handler).addr.port;
print({ addresses: { plain: `http://127.0.0.1:${port}` } });
