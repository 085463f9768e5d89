import { expect, test } from "bun:test";
import { podPath, podWorkDir, projectCommand } from "./paths.ts";

test.each([
  ["/city", "/city", "/workspace"],
  ["/city/", "/city", "/workspace"],
  ["/city", "/city/", "/workspace"],
  ["/city/rigs/a", "/city", "/workspace/rigs/a"],
  ["/city/rigs/a/", "/city", "/workspace/rigs/a"],
  ["/city/with blank/日本", "/city", "/workspace/with blank/日本"],
  ["/city2", "/city", undefined],
  ["/city2/a", "/city", undefined],
  ["/other/city/a", "/city", undefined],
  ["/cit", "/city", undefined],
  ["", "/city", undefined],
  ["/anything", "", undefined],
  ["/anything", "/", undefined],
  ["/a.b/c", "/a.b", "/workspace/c"],
  ["/aXb/c", "/a.b", undefined],
])("the path %p of the city %p is %p in the box", (path, city, expected) => {
  expect(podPath(path, city)).toBe(expected);
});

test.each([
  ["/city/rigs/a", "/city", "/workspace/rigs/a"],
  ["/city", "/city", "/workspace"],
  ["/elsewhere/a", "/city", "/workspace"],
  ["", "/city", "/workspace"],
  ["/somewhere", "", "/workspace"],
])("the work directory %p of the city %p is %p in the box", (workDir, city, expected) => {
  expect(podWorkDir(workDir, city)).toBe(expected);
});

test.each([
  ["claude --dir /city/rigs/a", "/city", "claude --dir /workspace/rigs/a"],
  ["/city/bin/x /city", "/city", "/workspace/bin/x /workspace"],
  ["cat '/city/a' \"/city/b\"", "/city", "cat '/workspace/a' \"/workspace/b\""],
  ["A=/city:/city/b;cd /city&&x", "/city", "A=/workspace:/workspace/b;cd /workspace&&x"],
  ["ls /city2 /city-old /city.bak /cityx", "/city", "ls /city2 /city-old /city.bak /cityx"],
  ["ls /mnt/city ./city my/city", "/city", "ls /mnt/city ./city my/city"],
  ["ls /city/", "/city/", "ls /workspace/"],
  ["ls /aXb /a.b", "/a.b", "ls /aXb /workspace"],
  ["echo $& $1", "/city", "echo $& $1"],
  ["ls /", "/", "ls /"],
  ["ls /city", "", "ls /city"],
  ["", "/city", ""],
])("the command %p of the city %p becomes %p", (command, city, expected) => {
  expect(projectCommand(command, city)).toBe(expected);
});
