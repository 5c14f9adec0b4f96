import { BlockList, isIP } from "node:net";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { quoteAddress, type Target } from "../wire/address.js";

/** An HTTP proxy that opens tunnels with CONNECT. */
export interface HttpProxy {
  readonly scheme: "http" | "https";
  /** `host:port`, as errors name it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The value of the header `proxy-authorization`; `undefined` without a user name. */
  readonly authorization: string | undefined;
}

/** The variables that name the proxy, and those that list the servers to reach without it. The first one that is set counts. */
const proxyVariables = ["grpc_proxy", "https_proxy", "http_proxy"];
const exceptionVariables = ["no_grpc_proxy", "no_proxy"];

/** What the address of a proxy looks like. */
const form = "http://host:port, or http://user:password@host:port with user and password percent-encoded";

/**
 * The proxy for a server; `undefined` if there is none, or the server is a unix socket.
 *
 * @param option the address of the proxy, or `"environment"`
 * @throws TypeError if the option or the environment has no valid address
 */
export function proxyFor(
  { host }: Target,
  option: string | URL,
  environment: NodeJS.ProcessEnv = process.env,
): HttpProxy | undefined {
  if (host === undefined) return undefined;
  if (option !== "environment") return parseProxy(option, "proxy");
  const name = proxyVariables.find((each) => environment[each]);
  if (name === undefined) return undefined;
  const exceptions = exceptionVariables.map((each) => environment[each]).find((each) => each);
  return isException(host, exceptions ?? "") ? undefined : parseProxy(environment[name] ?? "", name);
}

function parseProxy(given: string | URL, source: string): HttpProxy {
  const url = tryOrUndefined(() => new URL(textOf(given)));
  const credentials = tryOrUndefined(() => decodeURIComponent(`${url?.username}:${url?.password}`));
  if (url === undefined || credentials === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new TypeError(`${source} takes the address of a proxy, as ${form}, got ${quoteAddress(textOf(given))}`);
  }
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return {
    scheme,
    name: `${url.hostname}:${port}`,
    host: url.hostname.replace(/[[\]]/g, ""),
    port,
    authorization: credentials === ":" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

/** Whether a comma-separated list has the host itself, a domain that it is in, or a range of its addresses. */
function isException(host: string, list: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return list
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim().replace(/^\*?\./, ""))
    .filter((entry) => entry !== "")
    .some((entry) => ["*", name].includes(entry) || name.endsWith(`.${entry}`) || isInRange(name, entry));
}

function isInRange(address: string, range: string): boolean {
  const [network = "", bits] = range.split("/");
  const version = isIP(address);
  if (version === 0 || version !== isIP(network) || bits === undefined || !/^\d{1,3}$/.test(bits)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const ranges = new BlockList();
  ranges.addSubnet(network, Number(bits), family);
  return ranges.check(address, family);
}
