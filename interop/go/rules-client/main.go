// A client that compares the violations that a server finds with those that
// protovalidate-go finds. Exits with 0 if they are the same.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"interop/image"
)

var (
	host      = flag.String("server_host", "127.0.0.1", "the host of the server")
	port      = flag.Int("server_port", 10000, "the port of the server")
	testCase  = flag.String("test_case", "", "the test case")
	imagePath = flag.String("image", "", "a file with the descriptors of the service and all that they import")
	casesPath = flag.String("cases", "", "a file with the requests as JSON, by the name of the test case")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	types, err := image.Load(*imagePath)
	if err != nil {
		return err
	}
	validator, err := protovalidate.New(protovalidate.WithExtensionTypeResolver(types))
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
	text, err := caseNamed(*testCase)
	if err != nil {
		return err
	}
	for method, call := range calls {
		request, err := types.NewMessage("rules.v1." + method + "Request")
		if err != nil {
			return err
		}
		response, err := types.NewMessage("rules.v1." + method + "Response")
		if err != nil {
			return err
		}
		decode := protojson.UnmarshalOptions{Resolver: types}
		if err := decode.Unmarshal(call.wrap(text), request); err != nil {
			return err
		}
		expected, err := violationsOf(validator.Validate(request))
		if err != nil {
			return err
		}
		got, err := violationsIn(call.invoke(ctx, connection, request, response))
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		if !slices.Equal(got, expected) {
			return fmt.Errorf("%s: got %q, expected %q", method, got, expected)
		}
	}
	return nil
}

func caseNamed(name string) (json.RawMessage, error) {
	file, err := os.ReadFile(*casesPath)
	if err != nil {
		return nil, err
	}
	cases := map[string]json.RawMessage{}
	if err := json.Unmarshal(file, &cases); err != nil {
		return nil, err
	}
	text, ok := cases[name]
	if !ok {
		return nil, fmt.Errorf("there is no test case %q", name)
	}
	return text, nil
}

type call struct {
	// Makes the request of the method of the request of Check.
	wrap   func(json.RawMessage) json.RawMessage
	invoke func(context.Context, *grpc.ClientConn, proto.Message, proto.Message) error
}

var calls = map[string]call{
	"Check": {
		wrap: func(request json.RawMessage) json.RawMessage { return request },
		invoke: func(ctx context.Context, connection *grpc.ClientConn, request, response proto.Message) error {
			return connection.Invoke(ctx, "/rules.v1.RulesService/Check", request, response)
		},
	},
	"CheckAll": {
		wrap: func(request json.RawMessage) json.RawMessage {
			return fmt.Appendf(nil, `{"request":%s}`, request)
		},
		invoke: func(ctx context.Context, connection *grpc.ClientConn, request, response proto.Message) error {
			description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
			stream, err := connection.NewStream(ctx, description, "/rules.v1.RulesService/CheckAll")
			if err != nil {
				return err
			}
			if err := stream.SendMsg(request); err != nil {
				return err
			}
			return stream.RecvMsg(response)
		},
	},
}

// What stands for the violations of a request for which a rule fails.
const failed = "a rule failed"

// The violations that protovalidate-go has found, sorted.
func violationsOf(err error) ([]string, error) {
	var invalid *protovalidate.ValidationError
	var runtime *protovalidate.RuntimeError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &invalid):
		violations := []string{}
		for _, violation := range invalid.Violations {
			path := protovalidate.FieldPathString(violation.Proto.GetField())
			violations = append(violations, describe(path, violation.Proto.GetRuleId(), violation.Proto.GetMessage()))
		}
		slices.Sort(violations)
		return violations, nil
	case errors.As(err, &runtime):
		return []string{failed}, nil
	default:
		return nil, err
	}
}

// The violations that the server has found, sorted.
func violationsIn(err error) ([]string, error) {
	switch answer := status.Convert(err); answer.Code() {
	case codes.OK:
		return nil, nil
	case codes.InvalidArgument:
		violations := []string{}
		for _, detail := range answer.Details() {
			request, ok := detail.(*errdetails.BadRequest)
			if !ok {
				return nil, fmt.Errorf("the detail %v is not a BadRequest", detail)
			}
			for _, violation := range request.GetFieldViolations() {
				violations = append(
					violations,
					describe(violation.GetField(), violation.GetReason(), violation.GetDescription()),
				)
			}
		}
		slices.Sort(violations)
		return violations, nil
	case codes.Internal:
		if len(answer.Details()) > 0 {
			return nil, fmt.Errorf("details were sent: %v", answer.Details())
		}
		return []string{failed}, nil
	default:
		return nil, err
	}
}

func describe(path, rule, message string) string {
	return fmt.Sprintf("%s [%s] %s", path, rule, message)
}
