import { ApiError } from "../../kube/errors.ts";
import { imageCheck, TOOLING } from "../../pod/image-check.ts";
import { UsageError } from "../../provider/errors.ts";
import { adviceFor } from "../../provider/start-advice.ts";
import { type Box, BoxError } from "./box.ts";
import { broken, type Check, doubtful, type Finding, type Patient, Unseen } from "./check.ts";

/** A node pulls the image, runs a box of it, and the image holds what a box needs. */
export const image: Check = {
  name: "image",
  async run(patient) {
    const name = patient.context.settings.get("GC_K8S_IMAGE");
    const box = await patient.startBox().catch((error: unknown) => notRunning(error));
    return "level" in box ? [box] : await look(patient, box, name);
  },
};

function notRunning(error: unknown): Finding {
  // What the API server refuses is told by the check "pod", and what no pod can be made of as well.
  if (error instanceof UsageError || error instanceof ApiError) throw new Unseen("not looked at: no pod can be made");
  if (!(error instanceof BoxError)) throw error;
  const words = error.message;
  if (/exec format error/i.test(words))
    return broken(
      `the image does not run on its node: ${words}`,
      "build the image for the nodes' architecture, or choose nodes by GC_K8S_NODE_SELECTOR",
    );
  if (/^ContainerCreating|has not started it yet/.test(words))
    return doubtful(
      `a session's pod did not run within 11 s: ${words}`,
      "a node may still be pulling the image: run doctor again",
    );
  return broken(`a session's pod does not run: ${words}`, adviceFor(words) ?? "the node's words say what is wrong");
}

async function look({ context }: Patient, box: Box, name: string): Promise<Finding[]> {
  const { exit, stdout, stderr } = await box.run(imageCheck(TOOLING)).catch((error: unknown) => {
    throw new Unseen('not looked at: no command runs in a pod, see the check "exec"', { cause: error });
  });
  if (exit !== 0)
    return [
      broken(`a look into image "${name}" ended with ${exit}: ${stderr.slice(0, 200)}`, "use an image that has sh"),
    ];
  const lacking = stdout.split("\n").filter((line) => line !== "");
  const needed = lacking.filter((tool) => !TOOLING.includes(tool));
  const tools = lacking.filter((tool) => TOOLING.includes(tool));
  const isPromised = context.settings.get("GC_K8S_TOOLING") === "true";
  return [
    ...(needed.length > 0
      ? [broken(`image "${name}" lacks ${needed.join(", ")}`, "add them to the image: no box runs without")]
      : []),
    ...(tools.length > 0
      ? [
          (isPromised ? broken : doubtful)(
            `image "${name}" lacks ${tools.join(", ")}`,
            isPromised ? "add them, or set GC_K8S_TOOLING=false" : "add them: agents of a city call gc, bd and git",
          ),
        ]
      : []),
  ];
}
