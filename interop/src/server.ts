import { serve } from "./serve.js";
import { TestService } from "./server/test-service.js";

await serve(new TestService());
