/** A kubeconfig, or the environment of a pod, that gives no usable connection. `message` is one line, names file and entry, and holds no secret. */
export class KubeconfigError extends Error {
  override name = "KubeconfigError";

  constructor(message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
  }
}

/** The text on one line, without control characters, for quoting what others wrote in a message. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
}

/** The code of a system error such as `ENOENT`, or undefined for any other thrown value. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
