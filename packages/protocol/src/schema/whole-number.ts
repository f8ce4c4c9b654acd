import { type TInteger, type TNumberOptions, Type } from "typebox";

/**
 * Schema of an integer that JavaScript and SQLite both hold exactly: at most 2^53 − 1 where no smaller maximum is given. JSON
 * itself allows any number of digits, and the database refuses what is larger.
 */
export function WholeNumber(options: TNumberOptions = {}): TInteger {
  return Type.Integer({ maximum: Number.MAX_SAFE_INTEGER, ...options });
}
