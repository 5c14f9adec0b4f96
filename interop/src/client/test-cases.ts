import { cancelAfterBegin, cancelAfterFirstResponse, timeoutOnSleepingServer } from "./cancellation.js";
import {
  clientCompressedStreaming,
  clientCompressedUnary,
  serverCompressedStreaming,
  serverCompressedUnary,
} from "./compression.js";
import { customMetadata } from "./custom-metadata.js";
import type { TestCase } from "./setting.js";
import { channelSoak, rpcSoak } from "./soak.js";
import { specialStatusMessage, statusCodeAndMessage, unimplementedMethod, unimplementedService } from "./status.js";
import { clientStreaming, emptyStream, pingPong, serverStreaming } from "./streaming.js";
import { emptyUnary, largeUnary } from "./unary.js";

/**
 * The official test cases.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
 */
export const testCases: ReadonlyMap<string, TestCase> = new Map<string, TestCase>([
  ["client_compressed_unary", clientCompressedUnary],
  ["client_compressed_unary_noprobe", (setting) => clientCompressedUnary(setting, false)],
  ["server_compressed_unary", serverCompressedUnary],
  ["client_compressed_streaming", clientCompressedStreaming],
  ["client_compressed_streaming_noprobe", (setting) => clientCompressedStreaming(setting, false)],
  ["server_compressed_streaming", serverCompressedStreaming],
  ["empty_unary", emptyUnary],
  ["large_unary", largeUnary],
  ["client_streaming", clientStreaming],
  ["server_streaming", serverStreaming],
  ["ping_pong", pingPong],
  ["empty_stream", emptyStream],
  ["timeout_on_sleeping_server", timeoutOnSleepingServer],
  ["cancel_after_begin", cancelAfterBegin],
  ["cancel_after_first_response", cancelAfterFirstResponse],
  ["status_code_and_message", statusCodeAndMessage],
  ["special_status_message", specialStatusMessage],
  ["custom_metadata", customMetadata],
  ["unimplemented_method", unimplementedMethod],
  ["unimplemented_service", unimplementedService],
  ["rpc_soak", rpcSoak],
  ["channel_soak", channelSoak],
]);
