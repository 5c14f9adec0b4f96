import type { Init } from "@grpclib-ts/runtime";
import type { BadRequest_FieldViolation } from "@grpclib-ts/runtime/error-details";
import type { Book } from "../gen/webform/v1/library_pb.js";

/** What is wrong with the fields of a book, for those who fill in the form: one message for each field at most. */
export function violationsOf(book: Book): Init<BadRequest_FieldViolation>[] {
  const { title, author, isbn, publishedYear } = book;
  const descriptions = {
    "book.title": title === "" && "Enter the title",
    "book.author": author === "" && "Enter the author",
    "book.isbn": faultOfIsbn(isbn),
    "book.published_year": faultOfYear(publishedYear),
  };
  return Object.entries(descriptions).flatMap(([field, description]) => (description ? [{ field, description }] : []));
}

function faultOfIsbn(isbn: string): string | false {
  if (isbn === "") return "Enter the ISBN";
  if (!/^\d{13}$/.test(isbn)) return "An ISBN has 13 digits";
  // Of the digits, every second one counts three times.
  const sum = [...isbn].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return sum % 10 !== 0 && "One of the digits is wrong";
}

function faultOfYear(year: number): string | false {
  if (year <= 0) return "Enter the year";
  return year > new Date().getFullYear() && "Not in the future";
}
