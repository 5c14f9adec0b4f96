import { expectDifferences } from "../differing.js";
import { differences } from "./differences.js";

expectDifferences(differences);
