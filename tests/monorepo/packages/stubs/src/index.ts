export * from "./gen/contracts/v1/box_office_grpclib.js";
export * from "./gen/contracts/v1/box_office_pb.js";
