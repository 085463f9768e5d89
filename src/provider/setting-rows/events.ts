import { must } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** How long events stay. */
export const eventRows = {
  GC_K8S_EVENTS_OLDER_THAN: {
    default: "24h",
    help: "Age from which `prune`, and now and then `record`, removes events; never less than an hour.",
    check: must("a number of minutes, hours or days such as 90m, 24h or 7d", (value) => /^\d{1,6}[mhd]$/.test(value)),
  },
  GC_K8S_EVENTS_KEEP: {
    default: "1000",
    help: "So many of the newest events stay whatever their age.",
    check: must("a whole number", (value) => /^\d{1,9}$/.test(value)),
  },
} satisfies SettingRows;
