export { serve } from "../grpc-js/server.mjs";
