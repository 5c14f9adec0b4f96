// A client that runs one of the official test cases for compression, which the
// interop client of grpc-go does not implement. Exits with 0 if the case passes.
//
// See https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"interop/wire"
)

var (
	host     = flag.String("server_host", "127.0.0.1", "the host of the server")
	port     = flag.Int("server_port", 10000, "the port of the server")
	testCase = flag.String("test_case", "", "the test case")
)

var cases = map[string]func(context.Context, testpb.TestServiceClient) error{
	"client_compressed_unary":     clientCompressedUnary,
	"client_compressed_streaming": clientCompressedStreaming,
	"server_compressed_unary":     serverCompressedUnary,
	"server_compressed_streaming": serverCompressedStreaming,
}

func main() {
	flag.Parse()
	run, ok := cases[*testCase]
	if !ok {
		log.Fatalf("there is no test case %q", *testCase)
	}
	connection, err := grpc.NewClient(
		fmt.Sprintf("%s:%d", *host, *port),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(wire.Observer{}),
	)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx, testpb.NewTestServiceClient(connection)); err != nil {
		log.Fatal(err)
	}
}

func clientCompressedUnary(ctx context.Context, client testpb.TestServiceClient) error {
	call := func(compressed bool, options ...grpc.CallOption) error {
		response, err := client.UnaryCall(ctx, &testpb.SimpleRequest{
			ExpectCompressed: &testpb.BoolValue{Value: compressed},
			ResponseSize:     314_159,
			Payload:          payload(271_828),
		}, options...)
		if err != nil {
			return err
		}
		return checkSize(response.GetPayload(), 314_159)
	}
	// The probe: the server must notice that the request is not compressed.
	if err := checkRefused(call(true)); err != nil {
		return err
	}
	if err := call(true, grpc.UseCompressor(gzip.Name)); err != nil {
		return err
	}
	return call(false)
}

func clientCompressedStreaming(ctx context.Context, client testpb.TestServiceClient) error {
	request := func(compressed bool, size int) *testpb.StreamingInputCallRequest {
		return &testpb.StreamingInputCallRequest{
			ExpectCompressed: &testpb.BoolValue{Value: compressed},
			Payload:          payload(size),
		}
	}
	// The probe: the server must notice that the request is not compressed.
	probe, err := client.StreamingInputCall(ctx)
	if err != nil {
		return err
	}
	if err := probe.Send(request(true, 27_182)); err != nil {
		return err
	}
	_, err = probe.CloseAndRecv()
	if err := checkRefused(err); err != nil {
		return err
	}

	stream, err := client.StreamingInputCall(ctx, grpc.UseCompressor(gzip.Name))
	if err != nil {
		return err
	}
	if err := stream.Send(request(true, 27_182)); err != nil {
		return err
	}
	// grpc-go compresses all messages of a stream, or none, but sends a prepared one as it is. This one is prepared
	// for the probe's stream, which has no compression.
	uncompressed := &grpc.PreparedMsg{}
	if err := uncompressed.Encode(probe, request(false, 45_904)); err != nil {
		return err
	}
	if err := stream.SendMsg(uncompressed); err != nil {
		return err
	}
	response, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	if size := response.GetAggregatedPayloadSize(); size != 73_086 {
		return fmt.Errorf("the server received payloads of %d bytes", size)
	}
	return nil
}

func serverCompressedUnary(ctx context.Context, client testpb.TestServiceClient) error {
	for _, compressed := range []bool{true, false} {
		ctx := wire.WithRecord(ctx)
		response, err := client.UnaryCall(ctx, &testpb.SimpleRequest{
			ResponseCompressed: &testpb.BoolValue{Value: compressed},
			ResponseSize:       314_159,
			Payload:            payload(271_828),
		})
		if err != nil {
			return err
		}
		if err := checkResponse(ctx, response.GetPayload(), 314_159, compressed); err != nil {
			return err
		}
	}
	return nil
}

func serverCompressedStreaming(ctx context.Context, client testpb.TestServiceClient) error {
	expected := []*testpb.ResponseParameters{
		{Compressed: &testpb.BoolValue{Value: true}, Size: 31_415},
		{Compressed: &testpb.BoolValue{Value: false}, Size: 92_653},
	}
	ctx = wire.WithRecord(ctx)
	stream, err := client.StreamingOutputCall(ctx, &testpb.StreamingOutputCallRequest{ResponseParameters: expected})
	if err != nil {
		return err
	}
	for _, parameters := range expected {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		size, compressed := int(parameters.GetSize()), parameters.GetCompressed().GetValue()
		if err := checkResponse(ctx, response.GetPayload(), size, compressed); err != nil {
			return err
		}
	}
	if _, err := stream.Recv(); err != io.EOF {
		return fmt.Errorf("the stream did not end after two responses: %v", err)
	}
	return nil
}

func checkResponse(ctx context.Context, payload *testpb.Payload, size int, compressed bool) error {
	if actual := wire.Compressed(ctx); actual != compressed {
		return fmt.Errorf("a response is compressed: %v, expected: %v", actual, compressed)
	}
	return checkSize(payload, size)
}

func checkSize(payload *testpb.Payload, size int) error {
	if actual := len(payload.GetBody()); actual != size {
		return fmt.Errorf("a response has %d bytes, expected %d", actual, size)
	}
	return nil
}

func checkRefused(err error) error {
	if code := status.Code(err); code != codes.InvalidArgument {
		return fmt.Errorf("the server accepts a request that is not compressed as it says: %v", code)
	}
	return nil
}

func payload(size int) *testpb.Payload {
	return &testpb.Payload{Type: testpb.PayloadType_COMPRESSABLE, Body: make([]byte, size)}
}
