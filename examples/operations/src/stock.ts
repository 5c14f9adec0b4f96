import { StockServiceBase, StockServiceErrors } from "./gen/operations/v1/stock_grpclib.js";
import type { CountCopiesRequest } from "./gen/operations/v1/stock_pb.js";

const { TITLE_NOT_FOUND } = StockServiceErrors.CountCopies;

export class Stock extends StockServiceBase {
  readonly #copies: ReadonlyMap<string, number>;

  constructor(copies: Readonly<Record<string, number>>) {
    super();
    this.#copies = new Map(Object.entries(copies));
  }

  override async countCopies({ title }: CountCopiesRequest) {
    const copies = this.#copies.get(title);
    if (copies === undefined) throw TITLE_NOT_FOUND(`There is no ${title}`, { metadata: { title } });
    return { copies };
  }
}
