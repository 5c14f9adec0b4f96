import { createConnectTransport } from "@connectrpc/connect-web";
import { connectTransport } from "@grpclib-ts/runtime/connect";
import { LibraryServiceStub } from "../gen/webform/v1/library_grpclib.js";
import { startForm } from "./book-form.js";
import { followBooks } from "./follow-books.js";

const library = new LibraryServiceStub(connectTransport(createConnectTransport({ baseUrl: location.origin })));

startForm(library);
await followBooks(library);
