import { expect, test } from "bun:test";
import { compact, members, objectText } from "./json-text.ts";

const TEXTS = [
  "{}",
  '{"a":1}',
  '{"a":{"b":[1,{"c":"}],{\\""}]},"d":"x,y:z"}',
  '{"n":12345678901234567890,"f":1.0,"e":1E+3,"2":0,"1":0}',
  '{"":"","a\\"b":"\\\\","c":"\\\\\\"","d":[[],{}],"e":null}',
  '{"a":" two  blanks ","\\u00e9":"\\u003c"}',
];

test.each(TEXTS)("%p is taken apart and put together as it was", (text) => {
  const parts = members(text);
  expect(Object.fromEntries(parts.map(({ key, value }) => [key, JSON.parse(value)]))).toEqual(JSON.parse(text));
  expect(members(objectText(parts))).toEqual(parts);
});

test.each(TEXTS)("%p loses white space between its parts only", (text) => {
  const spread = JSON.stringify(JSON.parse(text), null, 2);
  expect(compact(spread)).toBe(JSON.stringify(JSON.parse(text)));
  expect(compact(text)).toBe(text);
});

test("every kind of white space goes, at the ends as well", () => {
  expect(compact(' \t\r\n{ "a" :\t[ 1 ,\r\n 2 ] } \n')).toBe('{"a":[1,2]}');
});
