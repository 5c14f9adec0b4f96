import type { DescMethod } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import type { Method } from "../../src/index.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

describe("the method of a call", () => {
  test.for(kinds)("%s: has its path and descriptor for handlers and the interceptors of both sides", async (kind) => {
    const seen: Record<string, { readonly path: string; readonly desc: DescMethod | undefined }> = {};
    const { stub } = await startPair(
      handleAll(({ method }) => {
        seen["handler"] = method;
        return {};
      }),
      {
        server: {
          interceptors: [
            async ({ method }, next) => {
              seen["server interceptor"] = method;
              await next();
            },
          ],
        },
        channel: {
          interceptors: [
            async ({ method }, next) => {
              seen["client interceptor"] = method;
              return await next();
            },
          ],
        },
      },
    );
    await call(stub, kind);
    const desc = TestService.method[kind];
    expect(Object.keys(seen).sort()).toEqual(["client interceptor", "handler", "server interceptor"]);
    for (const method of Object.values(seen)) {
      expect(method.desc).toBe(desc);
      expect(method.path).toBe(`/test.v1.TestService/${desc.name}`);
    }
  });

  test.for(kinds)("%s: is the same object for all calls, and has nothing else", async (kind) => {
    const methods: Method[] = [];
    const { stub } = await startPair(
      handleAll(({ method }) => {
        methods.push(method);
        return {};
      }),
    );
    await call(stub, kind);
    await call(stub, kind);
    expect(methods[0]).toBe(methods[1]);
    expect(Object.keys(methods[0] ?? {}).sort()).toEqual(["desc", "path", "singleRequest", "singleResponse"]);
  });
});
