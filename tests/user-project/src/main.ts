import { detail, GRPCError, Status } from "@grpclib-ts/runtime";
import { ResourceInfoSchema } from "@grpclib-ts/runtime/error-details";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import {
  JobsServiceBase,
  JobsServiceStub,
  ReflectionServiceBase,
  ReflectionServiceStub,
} from "./gen/jobs/v1/jobs_grpclib.js";
import type { GetJobRequest, Job } from "./gen/jobs/v1/jobs_pb.js";

class Jobs extends JobsServiceBase {
  readonly #jobs = new Map<string, Job>();

  override async getJob({ name }: GetJobRequest) {
    return this.#find(name);
  }

  override async *listJobs() {
    yield* this.#jobs.values();
  }

  override async addJobs(jobs: AsyncIterable<Job>) {
    for await (const job of jobs) this.#jobs.set(job.name, job);
    return { count: this.#jobs.size };
  }

  override async *watch(requests: AsyncIterable<GetJobRequest>) {
    for await (const { name } of requests) yield this.#find(name);
  }

  #find(name: string) {
    const job = this.#jobs.get(name);
    if (job) return job;
    throw new GRPCError(Status.NOT_FOUND, `No job ${name}`, [
      detail(ResourceInfoSchema, { resourceType: "job", resourceName: name }),
    ]);
  }
}

const reflection = ReflectionServiceBase.of({
  getType: ({ fileName }) => ({ name: "SourceContext", sourceContext: { fileName } }),
  findApi: ({ name }) => ({ name: `Api of ${name}` }),
});

const server = new Server([new Jobs(), reflection]);
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });

{
  await using channel = new Channel(`http://127.0.0.1:${port}`);
  const jobs = new JobsServiceStub(channel);

  const { count } = await jobs.addJobs([{ name: "a" }, { name: "b", lastError: { code: 5, message: "gone" } }]);
  console.log("added", count);
  for await (const { name, lastError } of jobs.listJobs({})) console.log("listed", name, lastError?.message);
  console.log("got", (await jobs.getJob({ name: "a" })).name);
  try {
    for await (const { name } of jobs.watch([{ name: "b" }, { name: "c" }])) console.log("watched", name);
  } catch (err) {
    if (!(err instanceof GRPCError)) throw err;
    console.log(Status[err.status], err.message, err.detail(ResourceInfoSchema)?.resourceName);
  }
  const type = await new ReflectionServiceStub(channel).getType({ fileName: "google/protobuf/source_context.proto" });
  console.log("type", type.name, "of", type.sourceContext?.fileName);
}
await server.close();
