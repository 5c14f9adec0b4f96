// Package image loads the descriptors that "buf build" writes, so that programs
// need no generated code.
package image

import (
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Types are the types in an image, and those that are linked into the program.
type Types struct {
	*dynamicpb.Types
}

// Load reads a file. Of the files in the image that are also linked into the
// program, such as the options of protovalidate, the linked ones are used.
func Load(path string) (*Types, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(bytes, set); err != nil {
		return nil, err
	}
	files := &protoregistry.Files{}
	for _, description := range set.GetFile() {
		file, err := protoregistry.GlobalFiles.FindFileByPath(description.GetName())
		if err != nil {
			if file, err = protodesc.NewFile(description, files); err != nil {
				return nil, err
			}
		}
		if err := files.RegisterFile(file); err != nil {
			return nil, err
		}
	}
	return &Types{dynamicpb.NewTypes(files)}, nil
}

// NewMessage creates an empty message.
func (types *Types) NewMessage(name string) (proto.Message, error) {
	messageType, err := types.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	return messageType.New().Interface(), nil
}
