import { describe, expect, test } from "bun:test";
import { Channel, frame, parseExecStatus, parseFrame } from "./exec-frames.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const status = (value: unknown) => parseExecStatus(bytes(JSON.stringify(value)));
const exitStatus = (message: unknown, reason = "NonZeroExitCode") =>
  status({ status: "Failure", reason, message: "m", details: { causes: [{ reason: "ExitCode", message }] } });

describe("frames", () => {
  test.each<[number, string]>([
    [1, "stdout"],
    [2, "stderr"],
    [3, "error"],
  ])("channel %p is %s", (number, channel) => {
    expect(parseFrame(Uint8Array.of(number, 7, 8))).toEqual({ channel, data: Uint8Array.of(7, 8) } as never);
    expect(parseFrame(Uint8Array.of(number))).toEqual({ channel, data: new Uint8Array() } as never);
  });

  test.each([0, 4, 5, 100, 254, 255])("channel %p is not the server's to use", (number) => {
    expect(parseFrame(Uint8Array.of(number, 1))).toMatchObject({ channel: "invalid" });
  });

  test.each([new Uint8Array(), "\u0003{}", "", undefined, null, 3])("%p is no frame", (message) => {
    expect(parseFrame(message)).toMatchObject({ channel: "invalid" });
  });

  test("a frame is its channel and the data, copied", () => {
    const data = Uint8Array.of(1, 2);
    const made = frame(Channel.stdin, data);
    data[0] = 9;
    expect([...made]).toEqual([0, 1, 2]);
    expect([...frame(Channel.resize, new Uint8Array())]).toEqual([4]);
  });
});

describe("the status frame", () => {
  test("Success is exit code 0", () => {
    expect(status({ metadata: {}, status: "Success" })).toEqual({ exitCode: 0 });
  });

  test("each exit code from 1 to 255 is itself", () => {
    for (let code = 1; code < 256; code++) expect(exitStatus(String(code))).toEqual({ exitCode: code });
  });

  test.each(
    ["0", "256", "-1", "1.5", "", " 7", "7 ", "0x10", "1e1", "x", "9".repeat(400), 7, null, [7], {}, true].map(
      (message) => [message],
    ),
  )("the exit code %p is none, and no success", (message) => {
    expect(exitStatus(message)).toEqual({ failure: "m" });
  });

  test("an exit code counts only beside the reason NonZeroExitCode", () => {
    expect(exitStatus("7", "InternalError")).toEqual({ failure: "m" });
  });

  test.each(["", " ", "{", "nothing", "Success", '{"status":"Success"', '{"status":"Success"}x', "\0"])(
    "%p is no Status",
    (text) => {
      expect(parseExecStatus(bytes(text))).toHaveProperty("failure");
    },
  );

  test.each(
    [null, 1, "Success", [], {}, { status: "success" }, { status: true }, { status: ["Success"] }, ["Success"]].map(
      (value) => [value],
    ),
  )("%p is no end of the command", (value) => {
    expect(status(value)).toHaveProperty("failure");
  });

  test.each(
    [{}, null, 5, "x", [null], [5], [{}], [[]], { find: 1 }, [{ reason: "ExitCode" }]].map((causes) => [causes]),
  )("causes that are %j are a failure without a code, not a crash", (causes) => {
    const value = { status: "Failure", reason: "NonZeroExitCode", message: "m", details: { causes } };
    expect(status(value)).toEqual({ failure: "m" });
  });

  test.each<[unknown, string]>([
    [{ status: "Failure", message: "no such container", reason: "InternalError" }, "no such container"],
    [{ status: "Failure", reason: "InternalError" }, "InternalError"],
    [{ status: "Failure" }, "no reason given"],
    [{ status: "Failure", message: 5 }, "5"],
    [{ status: "Failure", message: {}, details: 5 }, "[object Object]"],
  ])("%j fails with its reason", (value, failure) => {
    expect(status(value)).toEqual({ failure });
  });

  test("a reason of any length takes no more than 500 characters", () => {
    expect(status({ status: "Failure", message: "x".repeat(9_000) })).toEqual({ failure: "x".repeat(500) });
  });
});
