import { appendFileSync } from "node:fs";
import { FAULT_SEED } from "./chance.ts";

/** Tells a suite's figures: a line for whoever watches, and one of JSON in the file that `FAULT_REPORT` names. */
export function report(suite: string, figures: Record<string, number | string>): void {
  const path = process.env["FAULT_REPORT"];
  if (path) appendFileSync(path, `${JSON.stringify({ suite, seed: FAULT_SEED, ...figures })}\n`);
  const told = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`${suite}: ${told.join(", ")}`);
}
