import { expectDifferences } from "../differing.js";
import { clientDifferences } from "./client-differences.js";

expectDifferences(clientDifferences[process.env["TRANSPORT"] ?? ""] ?? []);
