import { expect, test } from "bun:test";
import { isSecretKey, quantityValue } from "./kubernetes-syntax.ts";

test.each([
  ["0", 0],
  ["2", 2],
  ["500m", 0.5],
  ["1.5", 1.5],
  ["1.", 1],
  ["1k", 1000],
  ["1Ki", 1024],
  ["1.5Gi", 1.5 * 1024 ** 3],
  ["1G", 1e9],
  ["1E", 1e18],
  ["1Ei", 1024 ** 6],
  ["1e3", 1000],
  ["1E-3", 0.001],
  ["5n", 5e-9],
  ["5u", 5e-6],
])("the quantity %s is %d", (text, value) => {
  expect(quantityValue(text)).toBeCloseTo(value, 12);
});

test.each([
  ["token", true],
  [".netrc", true],
  ["A_b.c-d", true],
  [".", false],
  ["..", false],
  ["..data", false],
  ["a/b", false],
  ["", false],
  ["x".repeat(254), false],
])("%p is a secret's key: %p", (key, isKey) => {
  expect(isSecretKey(key)).toBe(isKey);
});
