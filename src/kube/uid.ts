/** Whether this is the UID of an object; whoever takes anything else for one would take the object for another, or for gone. */
export function isUid(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
