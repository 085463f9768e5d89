import { oneOf } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** What is written down. */
export const recordRows = {
  GC_K8S_LOG: { default: "", help: "File that gets one JSON line per operation (never payload); rotated at 10 MB." },
  GC_K8S_LOG_SCREEN: {
    default: "false",
    help: "`true` mirrors the agent's screen into the container's log while it runs.",
    check: oneOf("true", "false"),
  },
} satisfies SettingRows;
