import { installedPackage } from "./sources.mjs";

const folder = "packages/protoc-gen-grpclib-ts/node_modules/google-proto-files";

export const googleapis = installedPackage(folder);

/** The corpora of googleapis. They are separate, because protoc-gen-es searches all files of a run for each import. */
export const google = [
  { name: "Google Ads", services: 548, roots: [installedPackage(folder, { within: "google/ads/googleads" })] },
  {
    name: "Google Compute Engine",
    services: 123,
    roots: [installedPackage(folder, { within: "google/cloud/compute/v1" })],
  },
  {
    name: "Google Cloud",
    services: 802,
    roots: [installedPackage(folder, { within: "google/cloud" })],
    without: { "google/cloud/compute/": "Google Compute Engine" },
  },
  {
    name: "googleapis",
    services: 360,
    roots: [googleapis],
    without: { "google/ads/googleads/": "Google Ads", "google/cloud/": "Google Cloud" },
  },
];
