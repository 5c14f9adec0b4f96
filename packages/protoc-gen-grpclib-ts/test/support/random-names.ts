/** Names that something else wants: TypeScript, JavaScript, protobuf-es, or the generated code. */
export const names: readonly string[] = [
  // JavaScript and TypeScript
  ..."any arguments as async await class const constructor default delete enum eval export extends".split(" "),
  ..."function get implements import in instanceof interface let module namespace never new null of".split(" "),
  ..."package private prototype public readonly return set static string super switch symbol this".split(" "),
  ..."type typeof undefined unique unknown var void with yield __proto__ hasOwnProperty name length".split(" "),
  ..."then catch finally toString toJSON valueOf caller apply call bind global infer keyof".split(" "),
  ..."Array AsyncIterable Awaited Error Function Iterable Map NonNullable Object Omit Partial".split(" "),
  ..."Promise Readonly Record String Symbol Uint8Array globalThis NaN Infinity".split(" "),
  // .proto files
  ..."message service rpc returns stream option syntax edition map oneof group reserved".split(" "),
  ..."extensions optional required repeated double bool true false inf nan max to".split(" "),
  // What the generated code imports or declares
  ..."BidiStreamingMethod GRPCError Handlers Init MethodErrors RequestStream ResponseStream".split(" "),
  ..."ServerContext ServiceV1 SingleResponse Status Transport TypedErrorInfo UnaryMethod".split(" "),
  ..."bindStub implement methodErrors channel context handlers request requests".split(" "),
  ..."DeclaredErrorOptions Message GenMessage GenService messageDesc serviceDesc fileDesc".split(" "),
  ..."all data details errors is kind metadata status service descriptor method methods input output".split(" "),
  // Names that are easily derived from each other
  ..."Book BookSchema BookBase BookStub BookErrors Book_Book Book_Schema BookValid BookJson".split(" "),
  ..."GetBook getBook get_book Get_Book GETBOOK get_Book_ _get_book getbook Get2Book get_2_book".split(" "),
  ..."A_ a_ A a Base Stub Errors Schema BaseBase BaseStub StubBase Factories Factory all_".split(" "),
];

/** Names that protoc-gen-es does not escape, so that its output does not type-check: of messages, and of services. */
export const unusable: readonly string[] = [
  ..."any as await infer keyof never readonly symbol undefined unique unknown".split(" "),
  ..."arguments await eval".split(" "),
];
