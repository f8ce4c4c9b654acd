export { type ErrorBody, ErrorBodySchema } from "./error-body.ts";
export { type Health, HealthSchema } from "./health.ts";
export { type Services, ServicesSchema } from "./services.ts";
export { type IdeState, type Status, StatusSchema } from "./status.ts";
