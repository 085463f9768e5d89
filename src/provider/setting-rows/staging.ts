import { must, oneOf, wholeNumber } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** What goes into a box, and how long one without an agent stays. */
export const stagingRows = {
  GC_K8S_STAGING_LIMIT: {
    default: "2Gi",
    help: "Most bytes that a start stages, such as `500Mi`; a larger tree is refused, and its largest parts are named.",
    check: must("bytes such as 500Mi or 2Gi", (value) => /^[1-9]\d{0,14}([kMGT]|[KMGT]i)?$/.test(value)),
  },
  GC_K8S_STAGING_IGNORE: {
    default: "",
    help:
      "Patterns of files that are not staged, separated by commas, as in `.gitignore`. " +
      "A file `.gcignore` at the top of a staged directory adds its own, a line each.",
  },
  GC_K8S_TOOLING: {
    default: "false",
    help:
      "`true` = the image holds gc, bd and git: `protocol` declares it as `env.tooling`, and a start whose box lacks one " +
      "of them fails.",
    check: oneOf("true", "false"),
  },
  GC_K8S_PROVISION_IDLE_SECONDS: {
    default: "600",
    help: "A box that `provision` made ends itself when it has not been used for so long.",
    check: wholeNumber(5, 604_800),
  },
} satisfies SettingRows;
