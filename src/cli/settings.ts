import { settingNames } from "../provider/settings.ts";
import { settingRows } from "../provider/settings-table.ts";
import { type CliCommand, outputOption } from "./command.ts";
import { textTable } from "./text-table.ts";

/** `gc-k8s settings`: what holds here, and why. */
export const settings: CliCommand = {
  usage: "settings",
  summary: "Prints every setting, its value and its origin",
  help: "Prints every setting with its value and where that comes from; secrets are told by name only.",
  examples: [
    ["gc-k8s settings", "what agents of this city would get"],
    ["/cities/blue/bin/gc-k8s settings -o wide", "with the settings file of a city, and what each setting means"],
  ],
  deadlineMs: 10_000,
  options: [outputOption("table", "wide", "json")],
  async run(context, { output }) {
    const values = settingNames.map((name) => ({ name, ...context.settings.describe(name) }));
    if (output === "json") {
      const byName = Object.fromEntries(values.map(({ name, value, origin }) => [name, { value, origin }]));
      return { stdout: `${JSON.stringify(byName, null, 2)}\n` };
    }
    const isWide = output === "wide";
    const rows = values.map(({ name, value, origin }) => [
      name,
      value,
      origin,
      ...(isWide ? [settingRows[name].help] : []),
    ]);
    return { stdout: textTable(["SETTING", "VALUE", "ORIGIN", ...(isWide ? ["MEANING"] : [])], rows) };
  },
};
