// Package wire observes how the messages of calls arrive.
package wire

import (
	"context"

	"google.golang.org/grpc/stats"
)

type key struct{}

// WithRecord returns a context that [Compressed] can be asked about. A client
// makes its call with it; a server gets one from [Observer].
func WithRecord(ctx context.Context) context.Context {
	return context.WithValue(ctx, key{}, new(bool))
}

// Compressed reports whether the last message that a call received was
// compressed. grpc-go does not expose the flag of a message, only its lengths.
// So this is correct only for messages whose length compression changes, as it
// does for the payloads of the tests.
func Compressed(ctx context.Context) bool {
	return *ctx.Value(key{}).(*bool)
}

// Observer is the stats handler of a client or a server that uses [Compressed].
// It runs in the goroutine that receives the message.
type Observer struct{}

// TagRPC adds a record to the context of an incoming call.
func (Observer) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	if ctx.Value(key{}) != nil {
		return ctx
	}
	return WithRecord(ctx)
}

// HandleRPC records how a message arrived.
func (Observer) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if message, ok := event.(*stats.InPayload); ok {
		*ctx.Value(key{}).(*bool) = message.CompressedLength != message.Length
	}
}

// TagConn does nothing.
func (Observer) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return ctx
}

// HandleConn does nothing.
func (Observer) HandleConn(context.Context, stats.ConnStats) {}
