// A client of a server that raises errors. It prints what it has received.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"interop/image"
	"interop/shared"
)

var (
	host       = flag.String("server_host", "127.0.0.1", "the host of the server")
	port       = flag.Int("server_port", 10000, "the port of the server")
	errorsPath = flag.String("errors", "", "the path of errors.json")
	imagePath  = flag.String("image", "", "a file with the descriptors of the service and of the details")
)

const service = "/interop.v1.ErrorService/"

var methods = map[string]func(context.Context, *grpc.ClientConn, *image.Types, proto.Message) (metadata.MD, error){
	"unary":  raise,
	"stream": raiseLater,
}

func main() {
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	all, types, err := shared.Load(*errorsPath, *imagePath)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient(
		fmt.Sprintf("%s:%d", *host, *port),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	received := map[string]shared.Error{}
	for method, call := range methods {
		for _, each := range all {
			request, err := types.NewMessage("interop.v1.RaiseRequest")
			if err != nil {
				return err
			}
			name := request.ProtoReflect().Descriptor().Fields().ByName("name")
			request.ProtoReflect().Set(name, protoreflect.ValueOfString(each.Name))
			trailer, err := call(ctx, connection, types, request)
			answer := status.Convert(err)
			raised, err := shared.Received(uint32(answer.Code()), answer.Message(), answer.Proto().GetDetails(), trailer)
			if err != nil {
				return err
			}
			received[method+"/"+each.Name] = raised
		}
	}
	return json.NewEncoder(os.Stdout).Encode(received)
}

func raise(
	ctx context.Context, connection *grpc.ClientConn, types *image.Types, request proto.Message,
) (metadata.MD, error) {
	response, err := types.NewMessage("interop.v1.RaiseResponse")
	if err != nil {
		return nil, err
	}
	var trailer metadata.MD
	err = connection.Invoke(ctx, service+"Raise", request, response, grpc.Trailer(&trailer))
	return trailer, err
}

func raiseLater(
	ctx context.Context, connection *grpc.ClientConn, types *image.Types, request proto.Message,
) (metadata.MD, error) {
	response, err := types.NewMessage("interop.v1.RaiseResponse")
	if err != nil {
		return nil, err
	}
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, service+"RaiseLater")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(stream.SendMsg(request), stream.CloseSend()); err != nil {
		return nil, err
	}
	if err := stream.RecvMsg(response); err != nil {
		return nil, fmt.Errorf("the call failed before its response: %w", err)
	}
	err = stream.RecvMsg(response)
	return stream.Trailer(), err
}
