import { program } from "./program.js";

void program(console.log);
