import { expectDifferences } from "../differing.js";
import { serverDifferences } from "./server-differences.js";

expectDifferences(serverDifferences);
