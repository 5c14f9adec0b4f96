// A server that raises the errors in errors.json. It runs until it gets a signal.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"interop/image"
	"interop/shared"
)

var (
	port       = flag.Int("port", 10000, "the port to listen on")
	errorsPath = flag.String("errors", "", "the path of errors.json")
	imagePath  = flag.String("image", "", "a file with the descriptors of the service and of the details")
)

func main() {
	flag.Parse()
	if err := serve(); err != nil {
		log.Fatal(err)
	}
}

func serve() error {
	all, types, err := shared.Load(*errorsPath, *imagePath)
	if err != nil {
		return err
	}
	errors := map[string]shared.Error{}
	for _, each := range all {
		errors[each.Name] = each
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	server.RegisterService(&description, &service{errors, types})
	fmt.Printf("listening on %s\n", listener.Addr())
	return server.Serve(listener)
}

type service struct {
	errors map[string]shared.Error
	types  *image.Types
}

// What generated code would have.
var description = grpc.ServiceDesc{
	ServiceName: "interop.v1.ErrorService",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Raise",
		Handler: func(
			implementation any, ctx context.Context, receive func(any) error, _ grpc.UnaryServerInterceptor,
		) (any, error) {
			trailer, err := implementation.(*service).raise(receive)
			if err := grpc.SetTrailer(ctx, trailer); err != nil {
				return nil, err
			}
			return nil, err
		},
	}},
	Streams: []grpc.StreamDesc{{
		StreamName:    "RaiseLater",
		ServerStreams: true,
		Handler: func(implementation any, stream grpc.ServerStream) error {
			return implementation.(*service).raiseLater(stream)
		},
	}},
}

// raise receives the name of an error, and returns that error with its metadata.
func (s *service) raise(receive func(any) error) (metadata.MD, error) {
	request, err := s.types.NewMessage("interop.v1.RaiseRequest")
	if err != nil {
		return nil, err
	}
	if err := receive(request); err != nil {
		return nil, err
	}
	message := request.ProtoReflect()
	name := message.Get(message.Descriptor().Fields().ByName("name")).String()
	raised, known := s.errors[name]
	if !known {
		return nil, status.Errorf(codes.Internal, "errors.json has no error %q", name)
	}
	details, err := raised.Pack()
	if err != nil {
		return nil, err
	}
	trailer, err := raised.Trailer()
	if err != nil {
		return nil, err
	}
	return trailer, status.ErrorProto(&spb.Status{Code: int32(raised.Code), Message: raised.Message, Details: details})
}

func (s *service) raiseLater(stream grpc.ServerStream) error {
	trailer, err := s.raise(stream.RecvMsg)
	response, failure := s.types.NewMessage("interop.v1.RaiseResponse")
	if failure != nil {
		return failure
	}
	if failure := stream.SendMsg(response); failure != nil {
		return failure
	}
	stream.SetTrailer(trailer)
	return err
}
