import type { SettingRow, SettingRows } from "./setting-row.ts";
import { beadsRows } from "./setting-rows/beads.ts";
import { eventRows } from "./setting-rows/events.ts";
import { imageRows } from "./setting-rows/image.ts";
import { placeRows } from "./setting-rows/place.ts";
import { placementRows } from "./setting-rows/placement.ts";
import { podRows } from "./setting-rows/pod.ts";
import { recordRows } from "./setting-rows/records.ts";
import { resourceRows } from "./setting-rows/resources.ts";
import { securityRows } from "./setting-rows/security.ts";
import { serviceRows } from "./setting-rows/services.ts";
import { stagingRows } from "./setting-rows/staging.ts";
import { workspaceRows } from "./setting-rows/workspace.ts";

/** Settings by subject, in the order of docs/settings.md. */
export const settingGroups: Record<string, SettingRows> = {
  "Cluster and city": placeRows,
  Image: imageRows,
  Resources: resourceRows,
  Workspace: workspaceRows,
  Staging: stagingRows,
  Placement: placementRows,
  "Security and credentials": securityRows,
  "The pod": podRows,
  Services: serviceRows,
  Beads: beadsRows,
  Events: eventRows,
  Records: recordRows,
};

/** Every setting there is; docs/settings.md is generated from these tables. */
export const settingRows = {
  ...placeRows,
  ...imageRows,
  ...resourceRows,
  ...workspaceRows,
  ...stagingRows,
  ...placementRows,
  ...securityRows,
  ...podRows,
  ...serviceRows,
  ...beadsRows,
  ...eventRows,
  ...recordRows,
} satisfies Record<string, SettingRow>;

/** Name of a setting. */
export type SettingName = keyof typeof settingRows;
