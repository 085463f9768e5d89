import { expect, test } from "bun:test";
import { jsonColumn } from "./whole-store.ts";

test("a column of JSON arrays is read whatever its texts are", () => {
  const rows = [
    [65, 24],
    ["a", 'say ""hi""', ']"\\n"[', null],
    [",", "\n", { k: ["]", "["] }],
  ];
  const csv = rows.map((row) => `"${JSON.stringify(row).replaceAll('"', '""')}"\n`).join("");
  expect(jsonColumn(csv)).toEqual(rows);
  expect(jsonColumn('"[65, 24]"\n')).toEqual([[65, 24]]);
});
