import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A test runner for Stryker that runs the tests of the runtime in its own process, which loads the sources once.
 * Starting Vitest for each change would take a hundred times as long as most of the tests that notice one.
 */
class InProcessRunner {
  /** Changed sources read from it which change is active, and write to it which code runs. */
  #state = {};
  #leftOut;
  /** Errors outside of the tests since the last test ended. */
  #stray = [];
  #files = process.env["MUTATION_TESTS"].split("\n");

  constructor() {
    globalThis["__stryker__"] ??= {};
    this.#state = globalThis["__stryker__"];
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    for (const event of ["uncaughtException", "unhandledRejection"]) {
      process.on(event, (error) => this.#stray.push(`outside of the test: ${error?.message ?? error}`));
    }
    process.setMaxListeners(0);
    provideWorkerState();
    const vitest = createRequire(
      createRequire(join(process.cwd(), "../../package.json")).resolve("vitest/package.json"),
    );
    this.vitest = await import(pathToFileURL(vitest.resolve("@vitest/runner")));
  }

  async dryRun() {
    const results = await this.#runTests(this.#files);
    const tests = results.filter(({ status, timeSpentMs }) => status === 0 && timeSpentMs <= MAX_TEST_MS);
    const leftOut = results.filter((result) => !tests.includes(result));
    const reasons = leftOut.map(({ id, timeSpentMs, failureMessage = `${timeSpentMs} ms` }) => [id, failureMessage]);
    writeFileSync(leftOutFile, JSON.stringify(Object.fromEntries(reasons), undefined, 2));
    return { status: "complete", tests, mutantCoverage: this.#state.mutantCoverage };
  }

  async mutantRun({ testFilter, activeMutant, hitLimit, mutantActivation }) {
    // Lets the last run come to rest: an error that it causes now is not counted for this one.
    this.#state.activeMutant = undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
    Object.assign(this.#state, { hitCount: 0, hitLimit });
    this.#leftOut ??= new Set(Object.keys(JSON.parse(readFileSync(leftOutFile, "utf8"))));
    const filter = testFilter && new Set(testFilter);
    const accepts = (id) => filter?.has(id) ?? !this.#leftOut.has(id);
    const files = filter ? [...new Set(testFilter.map((id) => id.split("#")[0]))] : this.#files;
    const tests = await this.#runTests(files, {
      accepts,
      mutant: activeMutant.id,
      isStatic: mutantActivation === "static",
    });
    if (hitLimit !== undefined && this.#state.hitCount > hitLimit) return { status: "timeout", reason: "hit limit" };
    const failed = tests.find(({ status }) => status === 1);
    if (failed === undefined) return { status: "survived", nrOfTests: tests.length };
    const { id, failureMessage } = failed;
    return { status: "killed", killedBy: [id], failureMessage, nrOfTests: tests.length };
  }

  /** Runs the tests of some files; with a mutant only the accepted ones, until one fails. */
  async #runTests(files, { accepts = () => true, mutant, isStatic = false } = {}) {
    const results = [];
    const state = this.#state;
    this.#stray = [];
    const add = (test, error) => results.push(resultOf(test, error));
    const isOver = () => mutant !== undefined && results.some(({ status }) => status === 1);
    const runner = {
      config: runnerConfig,
      pool: "threads",
      async importFile(path) {
        if (!isStatic) await loadModules();
        state.activeMutant = mutant;
        await import(`${pathToFileURL(path.replace(/\.ts$/, ".js")).href}?${runs++}`);
      },
      onCollected([file]) {
        const error = file.result?.errors?.[0];
        if (error !== undefined) add({ name: "loading", file }, error);
      },
      onBeforeRunTask(test) {
        if (isOver() || LASTING.test(idOf(test)) || !accepts(idOf(test))) test.mode = "skip";
        else if (mutant === undefined) state.currentTestId = idOf(test);
      },
      onAfterRunTask: (test) => {
        state.currentTestId = undefined;
        if (test.mode !== "skip") add(test, test.result?.errors?.[0] ?? this.#stray[0]);
        this.#stray = [];
      },
    };
    for (const file of files) {
      state.activeMutant = undefined;
      await this.vitest.startTests([{ filepath: join(process.cwd(), file) }], runner);
      if (isOver()) break;
    }
    return results;
  }
}

/** Loads the modules that tests use before a change is active, because they stay loaded. */
async function loadModules() {
  const files = ["src", "test"].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, name)),
  );
  const modules = files.filter(
    (name) => /(?<!\.test)\.js$/.test(name) && !/^test\/(?:attacks|fuzz|reliability|soak)\//.test(name),
  );
  for (const name of modules) await import(pathToFileURL(join(process.cwd(), name)).href);
}

/** Node loads a module again if its URL has another query. */
let runs = 0;

/** Why tests are left out: they fail without a change, or take longer than MAX_TEST_MS. All processes read it. */
const leftOutFile = "left-out.json";

/** Tests with an effect that lasts as long as the process. */
const LASTING = /registerDetails\(\)/;

const MAX_TEST_MS = 1000;

const runnerConfig = {
  root: process.cwd(),
  setupFiles: [],
  sequence: { shuffle: false, concurrent: false, seed: 1, hooks: "stack", setupFiles: "list" },
  passWithNoTests: false,
  allowOnly: false,
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 3_000,
  hookTimeout: 3_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

/** Vitest's `expect` and `vi` read these settings of a worker. */
function provideWorkerState() {
  globalThis["__vitest_worker__"] = {
    config: {
      ...runnerConfig,
      expect: {},
      snapshotOptions: { expand: false, updateSnapshot: "none" },
      fakeTimers: { loopLimit: 10_000, shouldClearNativeTimers: true },
      environment: "node",
    },
    environment: { name: "node" },
    filepath: undefined,
    providedContext: {},
    evaluatedModules: { idToModuleMap: new Map(), getModuleById: () => undefined },
    resolvingModules: new Set(),
    ctx: { pool: "threads" },
    onCleanup() {},
  };
}

function idOf(test) {
  const names = [];
  for (let task = test; task !== undefined && task !== test.file; task = task.suite) names.unshift(task.name);
  return `${test.file.name}#${names.join(" > ")}`;
}

function resultOf(test, error) {
  const id = idOf(test);
  const base = { id, name: id, fileName: test.file.filepath, timeSpentMs: test.result?.duration ?? 0 };
  if (error === undefined) return { ...base, status: 0 };
  return { ...base, status: 1, failureMessage: String(error.message ?? error) };
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: InProcessRunner }];
