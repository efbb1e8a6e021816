export {
  type CatchUpOptions,
  type CatchUpProgress,
  type CatchUpResult,
  catchUp,
} from "./catch-up/catch-up.js";
export {
  type ConfirmableMessage,
  type ConfirmWithHistoryOptions,
  confirmWithHistory,
} from "./catch-up/confirm-with-history.js";
export { type Cursor, storeCursor } from "./catch-up/cursor.js";
export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorDetails,
  isClientError,
} from "./client/client-error.js";
export type { HistoryClient, HistoryItem, HistoryScope } from "./client/history-item.js";
export { dataspikeHistory } from "./histories/dataspike.js";
export type { HistoryEvent, HistoryPage, HistorySource } from "./history.js";
