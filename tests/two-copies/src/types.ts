// Each type of the other copy of the runtime, where this copy expects its own.
import type * as own from "@grpclib-ts/runtime";
import type * as ownNode from "@grpclib-ts/runtime/node";
import type * as ownTransport from "@grpclib-ts/runtime/transport";
import type * as ownGen from "./gen/contracts/v1/box_office_grpclib.js";
import type { BookSeatRequest, BookSeatResponse, WatchSeatsResponse } from "./gen/contracts/v1/box_office_pb.js";
import type * as other from "./other.js";

/** Compiles only if a `Given` can be used as an `Expected`. */
type Fits<Given extends Expected, Expected> = Given;

export type Uses = [
  Fits<other.BinaryKey, own.BinaryKey>,
  Fits<other.CallOptions, own.CallOptions>,
  Fits<other.ClientStream<BookSeatRequest, BookSeatResponse>, own.ClientStream<BookSeatRequest, BookSeatResponse>>,
  Fits<other.Deadline, own.Deadline>,
  Fits<other.Declared, own.Declared>,
  Fits<other.DeclaredErrorOptions, own.DeclaredErrorOptions>,
  Fits<other.Detail, own.Detail>,
  Fits<other.DetailRegistry, own.DetailRegistry>,
  Fits<other.GRPCError, own.GRPCError>,
  Fits<other.GRPCErrorOptions, own.GRPCErrorOptions>,
  Fits<other.Metadata, own.Metadata>,
  Fits<other.MetadataInit, own.MetadataInit>,
  Fits<other.OnError, own.OnError>,
  Fits<other.ParentCall, own.ParentCall>,
  Fits<other.ProtocolError, own.ProtocolError>,
  Fits<other.ResponseIterable<WatchSeatsResponse>, own.ResponseIterable<WatchSeatsResponse>>,
  Fits<other.ResponseStream<WatchSeatsResponse>, own.ResponseStream<WatchSeatsResponse>>,
  Fits<other.Result<string, other.GRPCError>, own.Result<string, own.GRPCError>>,
  Fits<other.ServerContext, own.ServerContext>,
  Fits<other.Service, own.Service>,
  Fits<other.SingleResponse<BookSeatResponse>, own.SingleResponse<BookSeatResponse>>,
  Fits<other.Status, own.Status>,
  Fits<other.StreamTerminatedError, own.StreamTerminatedError>,
  Fits<other.Trailers, own.Trailers>,
  Fits<other.TrailersSent, own.TrailersSent>,
  Fits<other.Transport, own.Transport>,
  Fits<other.UndeclaredError, own.UndeclaredError>,
  Fits<other.Unknown, own.Unknown>,
  // The constructors and functions, too.
  Fits<typeof other.GRPCError, typeof own.GRPCError>,
  Fits<typeof other.Metadata, typeof own.Metadata>,
  Fits<typeof other.detail, typeof own.detail>,
  Fits<typeof other.registerDetails, typeof own.registerDetails>,
  Fits<other.Channel, ownNode.Channel>,
  Fits<other.ChannelOptions, ownNode.ChannelOptions>,
  Fits<other.Server, ownNode.Server>,
  Fits<other.ServerOptions, ownNode.ServerOptions>,
  Fits<typeof other.Channel, typeof ownNode.Channel>,
  Fits<typeof other.Server, typeof ownNode.Server>,
  Fits<other.CallEnd, ownTransport.CallEnd>,
  Fits<other.CallHandler, ownTransport.CallHandler>,
  Fits<other.CallRequest, ownTransport.CallRequest>,
  Fits<other.Dispatcher, ownTransport.Dispatcher>,
  Fits<other.IncomingCall, ownTransport.IncomingCall>,
  Fits<other.OutgoingCall, ownTransport.OutgoingCall>,
  Fits<other.RequestListener, ownTransport.RequestListener>,
  Fits<other.ResponseListener, ownTransport.ResponseListener>,
  Fits<typeof other.withDefaults, typeof ownTransport.withDefaults>,
  Fits<other.BoxOfficeServiceBase, ownGen.BoxOfficeServiceBase>,
  Fits<other.BoxOfficeServiceErrors.BookSeat, ownGen.BoxOfficeServiceErrors.BookSeat>,
  Fits<other.BoxOfficeServiceStub, ownGen.BoxOfficeServiceStub>,
  Fits<typeof other.BoxOfficeServiceBase, typeof ownGen.BoxOfficeServiceBase>,
  Fits<typeof other.BoxOfficeServiceErrors, typeof ownGen.BoxOfficeServiceErrors>,
  Fits<typeof other.BoxOfficeServiceStub, typeof ownGen.BoxOfficeServiceStub>,
];
