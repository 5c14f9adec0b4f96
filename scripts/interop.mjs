import { join } from "node:path";
import { checkCatalogue } from "./interop/catalogue.mjs";
import { installChromium } from "./interop/chromium.mjs";
import { installCollector } from "./interop/collector.mjs";
import { installDebianProgram } from "./interop/debian-package.mjs";
import { runDocumentedPython } from "./interop/documented-python.mjs";
import { buildErrors } from "./interop/errors.mjs";
import { installGrpcGo } from "./interop/grpc-go.mjs";
import { checkJava, installGrpcJava } from "./interop/grpc-java.mjs";
import { fetchProtos } from "./interop/grpc-proto.mjs";
import { installGrpcurl } from "./interop/grpcurl.mjs";
import { installHealthProbe } from "./interop/health-probe.mjs";
import { checkPython, generatePython, installPythonPackages } from "./interop/python.mjs";
import { buildRules } from "./interop/rules.mjs";
import { runCases } from "./interop/run-cases.mjs";
import { suites } from "./interop/suites.mjs";
import { takePictureOfTrace } from "./interop/trace.mjs";
import { checkWebForm } from "./interop/web-form.mjs";
import { generateXds } from "./interop/xds-protos.mjs";
import { go } from "./lib/go.mjs";
import { root } from "./lib/root.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runSteps } from "./lib/steps.mjs";

// To write the results to docs/conformance.md, and the pictures to docs: npm run interop -- --record
await runSteps([
  { name: "go", needed: true, action: () => go(["version"]) },
  { name: "python", needed: true, action: checkPython },
  { name: "java", needed: true, action: checkJava },
  ...setUp,
  { name: "install the programs of grpc-go", needed: true, action: installGrpcGo },
  { name: "install the programs of grpc-java", needed: true, action: installGrpcJava },
  { name: "install grpcurl", needed: true, action: installGrpcurl },
  { name: "build the collector of OpenTelemetry", needed: true, action: installCollector },
  { name: "install grpc-health-probe", needed: true, action: installHealthProbe },
  ...["nginx", "haproxy"].map((name) => ({
    name: `install ${name}`,
    needed: true,
    action: () => installDebianProgram(name),
  })),
  { name: "install Chromium", needed: true, action: installChromium },
  { name: "install the packages for Python", needed: true, action: installPythonPackages },
  { name: "fetch the protos of the official tests", needed: true, action: fetchProtos },
  { name: "generate", needed: true, action: () => run("buf", ["generate"], { cwd: join(root, "interop") }) },
  { name: "compile the errors", needed: true, action: buildErrors },
  { name: "generate for xDS", needed: true, action: generateXds },
  { name: "compile the rules", needed: true, action: buildRules },
  { name: "generate for Python", needed: true, action: generatePython },
  { name: "compile", needed: true, action: () => run("tsc", ["-p", "interop"]) },
  { name: "the Python programs of the documentation", action: runDocumentedPython },
  { name: "the HTML page of the catalogue, in Chromium", show: true, action: checkCatalogue },
  { name: "the page of examples/web-form, in Chromium", show: true, action: checkWebForm },
  { name: "the picture of a trace, in Chromium", action: takePictureOfTrace },
  ...suites.map((suite) => ({ name: suite.name, show: true, action: () => runCases(suite) })),
]);
