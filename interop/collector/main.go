// A collector of OpenTelemetry that receives OTLP over HTTP, and prints what it
// has received, as OTLP in JSON, one line for each request.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
)

var port = flag.Int("port", 4318, "the port to listen on")

const config = `yaml:
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:%d" } } }
exporters:
  print: {}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [print] }
    metrics: { receivers: [otlp], exporters: [print] }
`

func main() {
	flag.Parse()
	collector, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.NewDefaultBuildInfo(),
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				URIs:              []string{fmt.Sprintf(config, *port)},
				ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for collector.GetState() != otelcol.StateRunning {
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Printf("listening on 127.0.0.1:%d\n", *port)
	}()
	// Until SIGTERM.
	if err := collector.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func factories() (otelcol.Factories, error) {
	receivers, err := otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	exporters, err := otelcol.MakeFactoryMap[exporter.Factory](exporter.NewFactory(
		component.MustNewType("print"),
		func() component.Config { return &struct{}{} },
		exporter.WithTraces(printTraces, component.StabilityLevelStable),
		exporter.WithMetrics(printMetrics, component.StabilityLevelStable),
	))
	// It records nothing about itself.
	itself := telemetry.NewFactory(func() component.Config { return &struct{}{} })
	return otelcol.Factories{Receivers: receivers, Exporters: exporters, Telemetry: itself}, err
}

type lifetime struct {
	component.StartFunc
	component.ShutdownFunc
}

func printTraces(context.Context, exporter.Settings, component.Config) (exporter.Traces, error) {
	traces, err := consumer.NewTraces(func(_ context.Context, traces ptrace.Traces) error {
		return printLine((&ptrace.JSONMarshaler{}).MarshalTraces(traces))
	})
	return struct {
		lifetime
		consumer.Traces
	}{lifetime{}, traces}, err
}

func printMetrics(context.Context, exporter.Settings, component.Config) (exporter.Metrics, error) {
	metrics, err := consumer.NewMetrics(func(_ context.Context, metrics pmetric.Metrics) error {
		return printLine((&pmetric.JSONMarshaler{}).MarshalMetrics(metrics))
	})
	return struct {
		lifetime
		consumer.Metrics
	}{lifetime{}, metrics}, err
}

func printLine(json []byte, err error) error {
	if err == nil {
		fmt.Printf("%s\n", json)
	}
	return err
}
