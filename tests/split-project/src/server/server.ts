import { getOption } from "@bufbuild/protobuf";
import { GRPCError, type ServerContext, type ServerInterceptor, Status } from "@grpclib-ts/runtime";
import { Server } from "@grpclib-ts/runtime/node";
import {
  type GetBookRequest,
  LibraryServiceBase,
  LibraryServiceErrors,
  owner,
  required_role,
} from "./gen/library/v1/index.js";
import { MembersServiceBase } from "./gen/members/v1/index.js";

class Library implements Partial<LibraryServiceBase> {
  readonly #titles = new Map([["job", "The book of Job"]]);

  async getBook({ name }: GetBookRequest, { method }: ServerContext) {
    const title = this.#titles.get(name);
    if (title !== undefined) return { title: `${title}, for a ${getOption(method.desc, required_role)}` };
    throw LibraryServiceErrors.GetBook.BOOK_NOT_FOUND("no such book", { metadata: { bookName: name } });
  }

  async *watchBooks() {
    for (const title of this.#titles.values()) yield { title };
  }
}

const checkRole: ServerInterceptor = async ({ method, metadata }, next) => {
  const role = method.desc && getOption(method.desc, required_role);
  if (role && metadata.get("role") !== role) throw new GRPCError(Status.PERMISSION_DENIED, `requires a ${role}`);
  if (method.desc && getOption(method.desc, owner) !== "") throw new Error("Options with source retention are there");
  await next();
};

export const server = new Server(
  [LibraryServiceBase.partial(new Library()), MembersServiceBase.of({ countMembers: () => ({ count: 3 }) })],
  { interceptors: [checkRole] },
);
