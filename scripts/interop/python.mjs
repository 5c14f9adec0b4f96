import { mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "../lib/failure.mjs";
import { root } from "../lib/root.mjs";
import { run } from "../lib/run.mjs";

const folder = join(root, "interop/python");
/** The folder of the commands `python` and `pip`, with the modules that are needed. */
export const pythonBin = join(root, ".tools/python/bin");

/** Checks that Python is installed, with the modules that are needed. */
export async function checkPython() {
  try {
    await run("python3", ["-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 10), sys.version"]);
  } catch (error) {
    const why = error.code === "ENOENT" ? "The python3 command was not found." : error.message;
    throw new Failure(`${why}\nInstall Python 3.10 or later with venv (on Debian: apt-get install python3-venv).`, {
      cause: error,
    });
  }
}

/** Installs grpclib, grpcio and their dependencies into a virtual environment. */
export async function installPythonPackages() {
  await run("python3", ["-m", "venv", join(root, ".tools/python")]);
  await run(join(pythonBin, "pip"), ["install", "--disable-pip-version-check", "-r", join(folder, "requirements.txt")]);
}

/** Generates the code for the Python programs. */
export async function generatePython() {
  const out = join(folder, "gen");
  const protos = ["errors", "unlisted", "cancellation", "tracing"].map((name) => `interop/v1/${name}.proto`);
  const outs = ["--python_out", "--grpc_python_out", "--grpclib_python_out"].map((option) => `${option}=${out}`);
  mkdirSync(out, { recursive: true });
  await run(
    join(pythonBin, "python"),
    ["-m", "grpc_tools.protoc", `-I${join(root, "interop/proto")}`, ...outs, ...protos],
    {
      // protoc finds grpclib's plugin here.
      env: { PATH: [pythonBin, process.env.PATH].join(delimiter) },
    },
  );
}

/** The installed version of a package. */
export function pythonVersion(name) {
  const requirements = readFileSync(join(folder, "requirements.txt"), "utf8");
  return new RegExp(`^${name}==(.*)$`, "m").exec(requirements)[1];
}

/** The program to run for a file in interop/python. */
export function python(name) {
  return {
    command: join(pythonBin, "python"),
    args: [join(folder, `${name}.py`)],
    env: { PYTHONPATH: join(folder, "gen"), PYTHONDONTWRITEBYTECODE: "1" },
  };
}
