import { describe, expect, test } from "vitest";
import { Deadline } from "../../src/core/deadline.js";
import { Metadata } from "../../src/core/metadata.js";
import { Status } from "../../src/core/status.js";
import { Unknown } from "../../src/errors/detail.js";
import { DetailRegistry } from "../../src/errors/detail-registry.js";
import { GRPCError } from "../../src/errors/error.js";
import { ProtocolError } from "../../src/errors/protocol-error.js";
import { StreamTerminatedError } from "../../src/errors/stream-terminated-error.js";

/** Imports a module again, as a second copy of the package in the same process does. */
const again = <T>(_module: T, path: string): Promise<T> => import(/* @vite-ignore */ `${path}?copy`);

const copy = {
  ...(await again({ Deadline }, "../../src/core/deadline.js")),
  ...(await again({ Metadata }, "../../src/core/metadata.js")),
  ...(await again({ DetailRegistry }, "../../src/errors/detail-registry.js")),
  ...(await again({ Unknown }, "../../src/errors/detail.js")),
  ...(await again({ GRPCError }, "../../src/errors/error.js")),
  ...(await again({ ProtocolError }, "../../src/errors/protocol-error.js")),
  ...(await again({ StreamTerminatedError }, "../../src/errors/stream-terminated-error.js")),
};

class OwnNotFound extends GRPCError {}
class OwnProtocolError extends ProtocolError {}
class OwnTerminated extends StreamTerminatedError {}
class OwnUnknown extends Unknown {}
class OwnMetadata extends Metadata {}
class OwnRegistry extends DetailRegistry {}
/** Untyped code can extend a class whose constructor is private. */
class OwnDeadline extends (Deadline as unknown as new () => Deadline) {}

const rows = [
  {
    name: "GRPCError",
    own: GRPCError,
    copied: copy.GRPCError,
    subclass: OwnNotFound,
    instance: new GRPCError(Status.ABORTED),
    copiedInstance: new copy.GRPCError(Status.ABORTED),
    subclassInstance: new OwnNotFound(Status.NOT_FOUND),
  },
  {
    name: "ProtocolError",
    own: ProtocolError,
    copied: copy.ProtocolError,
    subclass: OwnProtocolError,
    instance: new ProtocolError("text"),
    copiedInstance: new copy.ProtocolError("text"),
    subclassInstance: new OwnProtocolError("text"),
  },
  {
    name: "StreamTerminatedError",
    own: StreamTerminatedError,
    copied: copy.StreamTerminatedError,
    subclass: OwnTerminated,
    instance: new StreamTerminatedError("text"),
    copiedInstance: new copy.StreamTerminatedError("text"),
    subclassInstance: new OwnTerminated("text"),
  },
  {
    name: "Unknown",
    own: Unknown,
    copied: copy.Unknown,
    subclass: OwnUnknown,
    instance: new Unknown("a.B"),
    copiedInstance: new copy.Unknown("a.B"),
    subclassInstance: new OwnUnknown("a.B"),
  },
  {
    name: "Metadata",
    own: Metadata,
    copied: copy.Metadata,
    subclass: OwnMetadata,
    instance: new Metadata(),
    copiedInstance: new copy.Metadata(),
    subclassInstance: new OwnMetadata(),
  },
  {
    name: "Deadline",
    own: Deadline,
    copied: copy.Deadline,
    subclass: OwnDeadline,
    instance: Deadline.after(1),
    copiedInstance: copy.Deadline.after(1),
    subclassInstance: new OwnDeadline(),
  },
  {
    name: "DetailRegistry",
    own: DetailRegistry,
    copied: copy.DetailRegistry,
    subclass: OwnRegistry,
    instance: new DetailRegistry(),
    copiedInstance: new copy.DetailRegistry(),
    subclassInstance: new OwnRegistry(),
  },
];

describe.for(rows)("$name", ({ own, copied, subclass, instance, copiedInstance, subclassInstance, name }) => {
  test("is a different class in another copy of the package", () => {
    expect(copied).not.toBe(own);
    expect(Object.getPrototypeOf(copiedInstance)).not.toBe(own.prototype);
  });

  test("has a brand that other versions of the package recognise", () => {
    expect(Symbol.for(`@grpclib-ts/runtime/${name}`) in instance).toBe(true);
    expect(Object.getOwnPropertySymbols(instance)).not.toContain(Symbol.for(`@grpclib-ts/runtime/${name}`));
  });

  test("has instances whose name can be changed, as subclasses do", () => {
    expect(Object.assign(Object.create(own.prototype), { name: "OwnError" }).name).toBe("OwnError");
  });

  test("recognises its instances", () => {
    expect(instance instanceof own).toBe(true);
  });

  test("recognises the instances of another copy of the package, and is recognised there", () => {
    expect(copiedInstance instanceof own).toBe(true);
    expect(instance instanceof copied).toBe(true);
  });

  test("recognises the instances of subclasses, in each copy", () => {
    expect(subclassInstance instanceof own).toBe(true);
    expect(subclassInstance instanceof copied).toBe(true);
    expect(subclassInstance instanceof subclass).toBe(true);
  });

  test("has subclasses that do not recognise instances of the base class, from either copy", () => {
    expect(instance instanceof subclass).toBe(false);
    expect(copiedInstance instanceof subclass).toBe(false);
  });

  test("recognises nothing else", () => {
    const others = rows.filter((row) => row.name !== name).flatMap((row) => [row.instance, row.copiedInstance]);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const other of [proxy, undefined, null, "text", 5, {}, { name }, () => {}, new Error(name), ...others]) {
      expect(other instanceof own).toBe(false);
    }
  });
});
