// Package shared reads the errors in errors.json, which the test programs in all
// languages share.
package shared

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"

	// Links the types of google.rpc into the programs.
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	"interop/image"
)

// An Error is in the form that it has in errors.json.
type Error struct {
	Name     string              `json:"name,omitempty"`
	Code     uint32              `json:"code"`
	Message  string              `json:"message"`
	Details  []json.RawMessage   `json:"details,omitempty"`
	Metadata map[string][]string `json:"metadata"`
}

// Load reads the errors, and makes the types in an image known to protojson.
func Load(errorsPath, imagePath string) ([]Error, *image.Types, error) {
	types, err := image.Load(imagePath)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range []string{"Shelf", "Unlisted"} {
		detail, err := types.NewMessage("interop.v1." + name)
		if err != nil {
			return nil, nil, err
		}
		if err := protoregistry.GlobalTypes.RegisterMessage(detail.ProtoReflect().Type()); err != nil {
			return nil, nil, err
		}
	}
	text, err := os.ReadFile(errorsPath)
	if err != nil {
		return nil, nil, err
	}
	file := struct{ Errors []Error }{}
	err = json.Unmarshal(text, &file)
	return file.Errors, types, err
}

// Pack converts the details to messages.
func (e Error) Pack() ([]*anypb.Any, error) {
	var details []*anypb.Any
	for _, text := range e.Details {
		detail := &anypb.Any{}
		if err := protojson.Unmarshal(text, detail); err != nil {
			return nil, err
		}
		details = append(details, detail)
	}
	return details, nil
}

// Trailer converts the metadata.
func (e Error) Trailer() (metadata.MD, error) {
	trailer := metadata.MD{}
	for key, values := range e.Metadata {
		for _, value := range values {
			if isBinary(key) {
				bytes, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					return nil, err
				}
				value = string(bytes)
			}
			trailer.Append(key, value)
		}
	}
	return trailer, nil
}

// Received converts what a client has received. It leaves out metadata that
// libraries add themselves.
func Received(code uint32, message string, details []*anypb.Any, trailer metadata.MD) (Error, error) {
	received := Error{Code: code, Message: message, Metadata: map[string][]string{}}
	for _, detail := range details {
		text, err := protojson.Marshal(detail)
		if err != nil {
			return received, err
		}
		received.Details = append(received.Details, text)
	}
	for key, values := range trailer {
		if !strings.HasPrefix(key, "interop-") {
			continue
		}
		for _, value := range values {
			if isBinary(key) {
				value = base64.StdEncoding.EncodeToString([]byte(value))
			}
			received.Metadata[key] = append(received.Metadata[key], value)
		}
	}
	return received, nil
}

func isBinary(key string) bool {
	return strings.HasSuffix(key, "-bin")
}
