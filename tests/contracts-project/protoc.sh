runtime=node_modules/@grpclib-ts/runtime
options=target=ts,import_extension=js
options=$options,rewrite_imports=./google/rpc/*:@grpclib-ts/runtime/gen
options=$options,rewrite_imports=./grpclib/v1/*:@grpclib-ts/runtime/gen

mkdir -p src/gen
PATH=$PATH:node_modules/.bin protoc \
  -I proto -I $runtime/proto -I $runtime/proto-google \
  --es_out=src/gen --es_opt="$options" \
  --grpclib-ts_out=src/gen --grpclib-ts_opt="$options" \
  $(find proto -name '*.proto')
