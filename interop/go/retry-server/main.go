// A server that fails the first attempts of calls, for clients that retry. The
// interop server of grpc-go has no such test cases.
//
// The metadata of a call says how its attempts fail:
//   - fail-attempts: how many of them do. The default is 0.
//   - fail-details: "retry-info" for a RetryInfo of 300 ms, "busy" for that and an
//     ErrorInfo with the reason BUSY and the status RESOURCE_EXHAUSTED.
//   - fail-pushback: the value of the trailer grpc-retry-pushback-ms.
//   - fail-after: "headers" or "response", which the server sends first.
//
// See https://github.com/grpc/proposal/blob/master/A6-client-retries.md
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

var port = flag.Int("port", 10000, "the port to listen on")

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, service{})
	fmt.Printf("listening on %v\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

type service struct {
	testpb.UnimplementedTestServiceServer
}

func (service) UnaryCall(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	attempt := attemptOf(ctx)
	if attempt.fails {
		if attempt.after == "headers" {
			if err := grpc.SendHeader(ctx, nil); err != nil {
				return nil, err
			}
		}
		if err := grpc.SetTrailer(ctx, attempt.trailer); err != nil {
			return nil, err
		}
		return nil, attempt.err
	}
	return &testpb.SimpleResponse{Username: strconv.Itoa(attempt.previous)}, nil
}

func (service) StreamingInputCall(
	stream grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse],
) error {
	size := 0
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		size += len(request.GetPayload().GetBody())
	}
	if attempt := attemptOf(stream.Context()); attempt.fails {
		stream.SetTrailer(attempt.trailer)
		return attempt.err
	}
	return stream.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: int32(size)})
}

// FullDuplexCall answers each request, whatever it asks for, with a payload whose
// size is the number of earlier attempts.
func (service) FullDuplexCall(
	stream grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse],
) error {
	attempt := attemptOf(stream.Context())
	for {
		_, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !attempt.fails || attempt.after == "response" {
			payload := &testpb.Payload{Body: make([]byte, attempt.previous)}
			if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: payload}); err != nil {
				return err
			}
		}
		if attempt.fails {
			stream.SetTrailer(attempt.trailer)
			return attempt.err
		}
	}
}

// An attempt of a call, and what becomes of it.
type attempt struct {
	previous int
	fails    bool
	err      error
	trailer  metadata.MD
	after    string
}

func attemptOf(ctx context.Context) attempt {
	previous, _ := strconv.Atoi(value(ctx, "grpc-previous-rpc-attempts"))
	failing, _ := strconv.Atoi(value(ctx, "fail-attempts"))
	trailer := metadata.MD{}
	if pushback := value(ctx, "fail-pushback"); pushback != "" {
		trailer.Set("grpc-retry-pushback-ms", pushback)
	}
	return attempt{
		previous: previous,
		fails:    previous < failing,
		err:      failure(value(ctx, "fail-details")),
		trailer:  trailer,
		after:    value(ctx, "fail-after"),
	}
}

func failure(name string) error {
	retryInfo := &errdetails.RetryInfo{RetryDelay: durationpb.New(300 * time.Millisecond)}
	switch name {
	case "retry-info":
		return withDetails(codes.Unavailable, retryInfo)
	case "busy":
		info := &errdetails.ErrorInfo{Reason: "BUSY", Domain: "interop.example.com"}
		return withDetails(codes.ResourceExhausted, info, retryInfo)
	default:
		return withDetails(codes.Unavailable)
	}
}

func withDetails(code codes.Code, details ...protoadapt.MessageV1) error {
	detailed, err := status.New(code, "not yet").WithDetails(details...)
	if err != nil {
		log.Fatal(err)
	}
	return detailed.Err()
}

func value(ctx context.Context, key string) string {
	incoming, _ := metadata.FromIncomingContext(ctx)
	if values := incoming.Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}
