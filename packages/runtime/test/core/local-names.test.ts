import { expect, test } from "vitest";
import { localNames } from "../../src/core/local-names.js";
import { descService } from "./descriptors.js";

test.for<[methods: string[], names: string[]]>([
  [["GetBook"], ["getBook"]],
  [["getBook"], ["getBook"]],
  [["get_book"], ["get_book"]],
  [["X"], ["x"]],
  // Names that TypeScript keeps for itself are no trouble in a class.
  [
    ["Delete", "Class", "String"],
    ["delete", "class", "string"],
  ],
  // protobuf-es escapes what objects have already.
  [
    ["Constructor", "ToString", "ToJSON", "ValueOf"],
    ["constructor$", "toString$", "toJSON$", "valueOf$"],
  ],
  // Ours: an object with `then` would be taken for a promise.
  [
    ["Then", "Catch", "Finally"],
    ["then$", "catch$", "finally$"],
  ],
  [
    ["THEN", "Thenable"],
    ["tHEN", "thenable"],
  ],
  // Names that collide.
  [
    ["GetBook", "getBook"],
    ["getBook", "getBook$"],
  ],
  [
    ["getBook", "GetBook"],
    ["getBook", "getBook$"],
  ],
  [
    ["Then", "then"],
    ["then$", "then$$"],
  ],
  [
    ["ToString", "toString"],
    ["toString$", "toString$$"],
  ],
])("methods %j are called %j", ([methods, names]) => {
  const service = descService(...methods);
  expect([...localNames(service)]).toEqual(service.methods.map((method, index) => [method, names[index]]));
});
