import { Library } from "./library.js";
import { createServer } from "./server.js";

const books = [
  { title: "Frankenstein", author: "Mary Shelley", isbn: "9780141439471", publishedYear: 1818 },
  { title: "The Moonstone", author: "Wilkie Collins", isbn: "9780140434088", publishedYear: 1868 },
  { title: "Middlemarch", author: "George Eliot", isbn: "9780141439549", publishedYear: 1871 },
  { title: "The Time Machine", author: "H. G. Wells", isbn: "9780141439976", publishedYear: 1895 },
];

const server = await createServer(new Library(books, { isbn: "9780141439686", editor: "Grace", time: 5000 }));
const address = await server.listen({ port: Number(process.env["PORT"] ?? 8080) });
console.log(`The library is open at ${address}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void server.close());
