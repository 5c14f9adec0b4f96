// The server of the official test cases for compression, which the interop
// server of grpc-go does not implement.
//
// See https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#server
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"interop/wire"
)

var port = flag.Int("port", 10000, "the port to listen on")

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.StatsHandler(wire.Observer{}))
	testpb.RegisterTestServiceServer(server, service{})
	fmt.Printf("listening on %v\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

type service struct {
	testpb.UnimplementedTestServiceServer
}

func (service) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	if err := checkCompressed(ctx, request.GetExpectCompressed()); err != nil {
		return nil, err
	}
	if compressed := request.GetResponseCompressed(); compressed != nil {
		name := encoding.Identity
		if compressed.GetValue() {
			name = gzip.Name
		}
		if err := grpc.SetSendCompressor(ctx, name); err != nil {
			return nil, err
		}
	}
	return &testpb.SimpleResponse{Payload: payload(request.GetResponseSize())}, nil
}

func (service) StreamingInputCall(
	stream grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse],
) error {
	size := 0
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: int32(size)})
		}
		if err != nil {
			return err
		}
		if err := checkCompressed(stream.Context(), request.GetExpectCompressed()); err != nil {
			return err
		}
		size += len(request.GetPayload().GetBody())
	}
}

func (service) StreamingOutputCall(
	request *testpb.StreamingOutputCallRequest,
	stream grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse],
) error {
	if err := grpc.SetSendCompressor(stream.Context(), gzip.Name); err != nil {
		return err
	}
	for _, parameters := range request.GetResponseParameters() {
		response := &testpb.StreamingOutputCallResponse{Payload: payload(parameters.GetSize())}
		var err error
		if parameters.GetCompressed().GetValue() {
			err = stream.Send(response)
		} else {
			err = sendUncompressed(stream, response)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sendUncompressed sends one message without compression. grpc-go compresses
// all messages of a stream, or none, but sends a prepared one as it is. It
// prepares a response with the compression that the request declared, whatever
// SetSendCompressor says: none in these test cases.
func sendUncompressed(stream grpc.ServerStream, message any) error {
	prepared := &grpc.PreparedMsg{}
	if err := prepared.Encode(stream, message); err != nil {
		return err
	}
	return stream.SendMsg(prepared)
}

// checkCompressed fails if the last request was not compressed as it says.
func checkCompressed(ctx context.Context, expected *testpb.BoolValue) error {
	actual := wire.Compressed(ctx)
	if expected == nil || expected.GetValue() == actual {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "compressed: %v, expected: %v", actual, expected.GetValue())
}

func payload(size int32) *testpb.Payload {
	return &testpb.Payload{Type: testpb.PayloadType_COMPRESSABLE, Body: make([]byte, size)}
}
