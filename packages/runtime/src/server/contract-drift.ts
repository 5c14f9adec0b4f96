/** What `onError` gets for an error that does not keep the contract of its method. That one is its `cause`. */
export class ContractDrift extends Error {
  override readonly name = "ContractDrift";
}
