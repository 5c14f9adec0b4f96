import { expect, test } from "vitest";
import { localNames } from "../../src/core/local-names.js";
import { descService } from "./descriptors.js";

test.for<[methods: string[], names: string[]]>([
  [["GetBook"], ["getBook"]],
  [["getBook"], ["getBook"]],
  [["get_book"], ["get_book"]],
  [["X"], ["x"]],
  // Reserved words are valid names of methods.
  [
    ["Delete", "Class", "String"],
    ["delete", "class", "string"],
  ],
  // protobuf-es escapes the names that all objects have.
  [
    ["Constructor", "ToString", "ToJSON", "ValueOf"],
    ["constructor$", "toString$", "toJSON$", "valueOf$"],
  ],
  // This library escapes these, because an object with a method `then` looks like a promise.
  [
    ["Then", "Catch", "Finally"],
    ["then$", "catch$", "finally$"],
  ],
  [
    ["THEN", "Thenable"],
    ["tHEN", "thenable"],
  ],
  // Colliding names.
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
])("methods %j are named %j", ([methods, names]) => {
  const service = descService(...methods);
  expect([...localNames(service)]).toEqual(service.methods.map((method, index) => [method, names[index]]));
});
