// A client that asks a server with grpc-go's reflection protocol, and loads what
// it gets with Go's own protobuf library, which refuses files that do not fit
// together.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	v1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

var (
	host     = flag.String("server_host", "127.0.0.1", "the host of the server")
	port     = flag.Int("server_port", 10000, "the port of the server")
	testCase = flag.String("test_case", "", "what to ask for")
)

const service = "interop.v1.ErrorService"

var cases = map[string]func(*client) error{
	"list":      listsServices,
	"load":      loadsServices,
	"by_name":   finds(fileNamed("interop/v1/errors.proto"), service),
	"method":    finds(symbol(service+".Raise"), service),
	"field":     finds(symbol("interop.v1.Shelf.capacity"), "interop.v1.Shelf"),
	"detail":    finds(symbol("google.rpc.QuotaFailure.Violation"), "google.rpc.QuotaFailure"),
	"unlisted":  finds(symbol("interop.v1.Unlisted"), "interop.v1.Unlisted"),
	"extension": finds(extension("google.protobuf.MethodOptions", 81930), "grpclib.v1.errors"),
	"numbers":   listsNumbers,
	"no_file":   fails(fileNamed("no/such.proto")),
	"no_symbol": fails(symbol("no.such.Symbol")),
	"no_number": fails(extension("google.protobuf.MethodOptions", 1)),
	"no_type":   fails(numbersOf("no.such.Message")),
}

func main() {
	flag.Parse()
	run, known := cases[*testCase]
	if !known {
		log.Fatalf("There is no test case %q", *testCase)
	}
	conn, err := grpc.NewClient(fmt.Sprintf("%s:%d", *host, *port),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(&client{stream: stream, files: map[string]*descriptorpb.FileDescriptorProto{}}); err != nil {
		log.Fatal(err)
	}
}

type client struct {
	stream v1.ServerReflection_ServerReflectionInfoClient
	files  map[string]*descriptorpb.FileDescriptorProto
}

// ask sends a request and keeps the files of its response.
func (c *client) ask(request *v1.ServerReflectionRequest) (*v1.ServerReflectionResponse, error) {
	if err := c.stream.Send(request); err != nil {
		return nil, err
	}
	response, err := c.stream.Recv()
	if err != nil {
		return nil, err
	}
	if !proto.Equal(response.GetOriginalRequest(), request) {
		return nil, fmt.Errorf("the original request is %v", response.GetOriginalRequest())
	}
	for _, bytes := range response.GetFileDescriptorResponse().GetFileDescriptorProto() {
		file := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(bytes, file); err != nil {
			return nil, err
		}
		c.files[file.GetName()] = file
	}
	return response, nil
}

// loads checks that Go can load all files so far, and that they declare a name.
func (c *client) loads(name string) error {
	set := &descriptorpb.FileDescriptorSet{}
	for _, file := range c.files {
		set.File = append(set.File, file)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return err
	}
	_, err = files.FindDescriptorByName(protoreflect.FullName(name))
	return err
}

func listsServices(c *client) error {
	names, err := c.services()
	want := []string{"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", service}
	if err == nil && !slices.Equal(names, want) {
		return fmt.Errorf("the services are %v", names)
	}
	return err
}

func (c *client) services() ([]string, error) {
	response, err := c.ask(&v1.ServerReflectionRequest{
		MessageRequest: &v1.ServerReflectionRequest_ListServices{ListServices: "*"},
	})
	var names []string
	for _, service := range response.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	return names, err
}

func loadsServices(c *client) error {
	names, err := c.services()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := finds(symbol(name), name)(c); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func listsNumbers(c *client) error {
	response, err := c.ask(numbersOf("google.protobuf.MethodOptions"))
	numbers := response.GetAllExtensionNumbersResponse().GetExtensionNumber()
	if err == nil && !slices.Equal(numbers, []int32{81930}) {
		return fmt.Errorf("the numbers are %v", numbers)
	}
	return err
}

// finds asks for files, and checks that they can be loaded and declare a name.
func finds(request *v1.ServerReflectionRequest, name string) func(*client) error {
	return func(c *client) error {
		response, err := c.ask(request)
		if err != nil {
			return err
		}
		if failure := response.GetErrorResponse(); failure != nil {
			return fmt.Errorf("the answer is %v", failure)
		}
		return c.loads(name)
	}
}

func fails(request *v1.ServerReflectionRequest) func(*client) error {
	return func(c *client) error {
		response, err := c.ask(request)
		if err == nil && codes.Code(response.GetErrorResponse().GetErrorCode()) != codes.NotFound {
			return fmt.Errorf("the answer is %v", response)
		}
		return err
	}
}

func fileNamed(name string) *v1.ServerReflectionRequest {
	return &v1.ServerReflectionRequest{
		MessageRequest: &v1.ServerReflectionRequest_FileByFilename{FileByFilename: name},
	}
}

func symbol(name string) *v1.ServerReflectionRequest {
	return &v1.ServerReflectionRequest{
		MessageRequest: &v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
	}
}

func extension(name string, number int32) *v1.ServerReflectionRequest {
	return &v1.ServerReflectionRequest{
		MessageRequest: &v1.ServerReflectionRequest_FileContainingExtension{
			FileContainingExtension: &v1.ExtensionRequest{ContainingType: name, ExtensionNumber: number},
		},
	}
}

func numbersOf(name string) *v1.ServerReflectionRequest {
	return &v1.ServerReflectionRequest{
		MessageRequest: &v1.ServerReflectionRequest_AllExtensionNumbersOfType{AllExtensionNumbersOfType: name},
	}
}
