import { google, googleapis } from "./google.mjs";
import { goModule, mavenArtifact, npmPackage } from "./sources.mjs";

const gogo = goModule("github.com/cosmos/gogoproto@v1.7.2");
const gateway = goModule("github.com/grpc-ecosystem/grpc-gateway/v2@v2.33.0");
const milvus = mavenArtifact("io.milvus:milvus-sdk-java:2.6.11");
const otlp = mavenArtifact("io.opentelemetry.proto:opentelemetry-proto:1.11.0-alpha");
const gnostic = "github.com/google/gnostic@v0.7.1";
const gogoProtobuf = "github.com/gogo/protobuf@v1.3.2";
const jaeger = "github.com/jaegertracing/jaeger-idl@v0.14.0";
const kvproto = "github.com/pingcap/kvproto@v0.0.0-20260608025309-50b863799195";
const validate = "github.com/envoyproxy/protoc-gen-validate@v1.3.3";
/** A part of the .proto files in Temporal's package. */
const temporal = (part) =>
  npmPackage("@temporalio/core-bridge@1.24.0", { folder: `sdk-core/crates/protos/protos/${part}` });

/**
 * The published .proto files that `npm run test:corpora` generates code for. A corpus has
 *
 * - `name`
 * - `services`: how many services it has, so that none is left out by mistake
 * - `roots`: the roots of its files, see sources.mjs
 * - `imports`: the roots of files that it imports, whose services are not part of it
 * - `without`: paths that are left out, and why
 */
export const corpora = [
  {
    name: "etcd",
    services: 6,
    roots: [goModule("go.etcd.io/etcd/api/v3@v3.7.3", { as: "etcd/api" })],
    imports: [gateway, googleapis],
  },
  { name: "Kubernetes CRI", services: 2, roots: [goModule("k8s.io/cri-api@v0.37.2")] },
  { name: "Kubernetes KMS", services: 2, roots: [goModule("k8s.io/kms@v0.37.2")] },
  {
    name: "Kubernetes kubelet",
    services: 12,
    roots: [goModule("k8s.io/kubelet@v0.37.2")],
    without: {
      "pkg/apis/pluginregistration/v1alpha1/": "declares the same types as v1",
      "pkg/apis/pluginregistration/v1beta1/": "declares the same types as v1",
    },
  },
  {
    name: "Envoy and xDS",
    services: 50,
    roots: [mavenArtifact("io.envoyproxy.controlplane:api:1.0.49")],
    imports: [googleapis],
  },
  {
    name: "protoc-gen-validate",
    services: 2,
    roots: [goModule(validate, { folder: "java/pgv-java-grpc/src/test/proto" })],
    imports: [goModule(validate)],
  },
  { name: "Temporal", services: 2, roots: [temporal("api_upstream")], imports: [temporal("")] },
  {
    name: "Temporal Cloud",
    services: 2,
    roots: [temporal("api_cloud_upstream"), temporal("testsrv_upstream")],
    imports: [temporal("api_upstream"), temporal("")],
  },
  { name: "OTLP", services: 4, roots: [otlp] },
  {
    name: "Cosmos SDK",
    services: 46,
    roots: [goModule("github.com/cosmos/cosmos-sdk@v0.50.13", { folder: "proto" })],
    imports: [
      gogo,
      npmPackage("@protobufs/cosmos_proto@0.0.10", { as: "cosmos_proto" }),
      goModule("github.com/cometbft/cometbft@v0.38.17", { folder: "proto" }),
      googleapis,
    ],
  },
  {
    name: "CometBFT",
    services: 16,
    roots: [goModule("github.com/cometbft/cometbft@v1.0.1", { folder: "proto" })],
    imports: [gogo],
  },
  { name: "Vitess", services: 9, roots: [goModule("vitess.io/vitess@v0.24.4", { folder: "proto" })] },
  { name: "Milvus", services: 3, roots: [milvus] },
  {
    name: "Milvus's components",
    services: 15,
    roots: [goModule("github.com/milvus-io/milvus/pkg/v2@v2.6.7-0.20251201120310-af64f2acba38", { folder: "proto" })],
    imports: [milvus],
  },
  {
    name: "containerd",
    services: 20,
    roots: [goModule("github.com/containerd/containerd/api@v1.12.0")],
    imports: [googleapis],
  },
  {
    name: "BuildKit",
    services: 10,
    roots: [goModule("github.com/moby/buildkit@v0.34.2", { as: "github.com/moby/buildkit" })],
    imports: [
      goModule("github.com/tonistiigi/fsutil@v0.0.0-20261103091533-a72de9dcf763", {
        as: "github.com/tonistiigi/fsutil",
      }),
      goModule("github.com/planetscale/vtprotobuf@v0.6.0", { folder: "include" }),
      googleapis,
    ],
  },
  {
    name: "SwarmKit",
    services: 13,
    roots: [goModule("github.com/moby/swarmkit/v2@v2.0.0", { as: "github.com/docker/swarmkit" })],
    imports: [
      goModule("go.etcd.io/etcd/raft/v3@v3.5.6", { as: "go.etcd.io/etcd/raft/v3" }),
      goModule(gogoProtobuf),
      goModule(gogoProtobuf, { as: "github.com/gogo/protobuf" }),
    ],
  },
  { name: "Consul", services: 6, roots: [goModule("github.com/hashicorp/consul/proto-public@v0.8.0")] },
  {
    name: "TiKV and PD",
    services: 24,
    roots: [goModule(kvproto, { folder: "proto" })],
    imports: [goModule(kvproto, { folder: "include" }), googleapis],
  },
  { name: "CSI", services: 5, roots: [goModule("github.com/container-storage-interface/spec@v1.13.0")] },
  {
    name: "gNMI",
    services: 3,
    roots: [goModule("github.com/openconfig/gnmi@v0.14.1", { as: "github.com/openconfig/gnmi" })],
  },
  { name: "GoBGP", services: 1, roots: [goModule("github.com/osrg/gobgp/v4@v4.8.0", { folder: "proto" })] },
  { name: "grpc-gateway", services: 29, roots: [gateway], imports: [googleapis] },
  {
    name: "LiveKit",
    services: 30,
    roots: [goModule("github.com/livekit/protocol@v1.54.0", { folder: "protobufs" })],
    imports: [goModule("github.com/livekit/psrpc@v0.8.2", { folder: "protoc-gen-psrpc/options" })],
  },
  {
    name: "Bazel",
    services: 8,
    roots: [goModule("github.com/bazelbuild/remote-apis@v0.0.0-20260908115904-76ddd98e1f92")],
    imports: [googleapis],
  },
  { name: "Trillian", services: 3, roots: [goModule("github.com/google/trillian@v1.8.0")], imports: [googleapis] },
  { name: "Dapr", services: 20, roots: [goModule("github.com/dapr/dapr@v1.14.0")] },
  {
    name: "lnd",
    services: 16,
    roots: [goModule("github.com/lightningnetwork/lnd@v0.18.3-beta.rc3", { folder: "lnrpc" })],
  },
  {
    name: "Jaeger",
    services: 9,
    roots: [goModule(jaeger, { folder: "proto" })],
    imports: [
      goModule(jaeger, { folder: "proto/api_v2" }),
      goModule(gnostic),
      goModule(gnostic, { as: "gnostic" }),
      otlp,
      gogo,
      googleapis,
    ],
  },
  {
    name: "Weaviate",
    services: 2,
    roots: [goModule("github.com/weaviate/weaviate@v1.35.2", { folder: "grpc/proto" })],
  },
  {
    name: "Flyte",
    services: 11,
    roots: [npmPackage("@flyteorg/flyteidl@1.16.5", { folder: "protos" })],
    imports: [gateway, googleapis],
  },
  { name: "gRPC's services", services: 4, roots: [mavenArtifact("io.grpc:grpc-services:1.85.1")] },
  { name: "gRPC's tests", services: 1, roots: [mavenArtifact("io.grpc:grpc-testing-proto:1.85.1")] },
  {
    name: "gogo/protobuf",
    services: 4,
    roots: [goModule(gogoProtobuf, { as: "github.com/gogo/protobuf" })],
    imports: [goModule(gogoProtobuf)],
  },
  { name: "protobuf-go", services: 4, roots: [goModule("google.golang.org/protobuf@v1.36.12")] },
  ...google,
];
