import type { Row } from "./row.ts";
import { clusterRows } from "./rows-clusters.ts";
import { fileRows } from "./rows-files.ts";
import { pluginRows } from "./rows-plugins.ts";
import { podRows } from "./rows-pods.ts";
import { proxyRows } from "./rows-proxies.ts";
import { userRows } from "./rows-users.ts";

/** The whole table. */
export const rows: readonly Row[] = [...fileRows, ...clusterRows, ...proxyRows, ...userRows, ...pluginRows, ...podRows];
