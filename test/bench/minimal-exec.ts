// The least that any client pays for an exec: one WebSocket and the wait for its Status frame.
// Arguments: server, path of the pod, then the files of authority, certificate and key; at last the container.
const [server = "", pod = "", ca = "", cert = "", key = "", container = "agent"] = process.argv.slice(2);

const ERROR_CHANNEL = 3;

/** Execs `true` and ends with 0 when the Status frame says Success. */
export async function execTrue(): Promise<void> {
  const [caText, certText, keyText] = await Promise.all([ca, cert, key].map((path) => Bun.file(path).text()));
  const query = `command=true&container=${container}&stdout=true&stderr=true`;
  const socket = new WebSocket(`${server.replace(/^http/, "ws")}${pod}/exec?${query}`, {
    protocols: ["v5.channel.k8s.io"],
    tls: { ca: caText, cert: certText, key: keyText },
  } as unknown as string[]);
  socket.binaryType = "nodebuffer";
  socket.onclose = () => process.exit(1);
  socket.onmessage = ({ data }: MessageEvent<Buffer>) => {
    if (data[0] !== ERROR_CHANNEL) return;
    const { status } = JSON.parse(data.subarray(1).toString()) as { status: string };
    process.exit(status === "Success" ? 0 : 1);
  };
}

void execTrue();
