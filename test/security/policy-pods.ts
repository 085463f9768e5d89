import type { TestNamespace } from "../conformance/namespace.ts";

/** Ports on which every pod of the test answers, by protocol. */
export const PORTS = { TCP: [53, 80, 443, 3306, 3307, 8765], UDP: [53, 4053] } as const;

/** Something that a pod may call. */
export interface Target {
  protocol: "TCP" | "UDP";
  address: string;
  port: number;
}

/** Takes the addresses of its arguments for its own and answers on every port. */
const SERVER = `
import fcntl, socket, struct, sys, threading
def own(index, address):
    def name(): return ("lo:%d" % index).encode().ljust(16, b"\\0")
    def request(text): return name() + struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any:
        fcntl.ioctl(any, 0x8916, request(address))            # SIOCSIFADDR
        fcntl.ioctl(any, 0x891C, request("255.255.255.255"))  # SIOCSIFNETMASK
def stream(port):
    with socket.create_server(("", port), backlog=128) as listening:
        while True:
            with listening.accept()[0] as caller: caller.sendall(b"here")
def datagrams(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any:
        any.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        any.bind((address, port))
        while True: any.sendto(b"here", any.recvfrom(100)[1])
for index, address in enumerate(sys.argv[1:]): own(index, address)
for port in ${JSON.stringify(PORTS.TCP)}: threading.Thread(target=stream, args=(port,)).start()
for port in ${JSON.stringify(PORTS.UDP)}:
    # An answer comes from the address that was asked only where it has a socket of its own.
    for address in ["", *sys.argv[1:]]: threading.Thread(target=datagrams, args=(address, port)).start()
`;

/** Calls every target of its argument at once and prints for each whether it answered. */
const CALLER = `
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def call(target):
    kind = socket.SOCK_STREAM if target["protocol"] == "TCP" else socket.SOCK_DGRAM
    for patience in (0.6, 1.2):
        try:
            with socket.socket(socket.AF_INET, kind) as calling:
                calling.settimeout(patience)
                calling.connect((target["address"], target["port"]))
                if kind == socket.SOCK_DGRAM: calling.send(b"?")
                if calling.recv(10) == b"here": return True
        except OSError: pass
    return False
targets = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(targets)) as pool: print(json.dumps(list(pool.map(call, targets))))
`;

/** A pod that answers on all of `PORTS`, at its own address and at others that it takes for its own. */
export function answeringPod(name: string, image: string, labels: Record<string, string>, addresses: string[]): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: 600,
      containers: [
        {
          name: "server",
          image,
          imagePullPolicy: "Never",
          command: ["python3", "-c", SERVER, ...addresses],
          ports: [{ name: "mysql", containerPort: 3307 }], // a policy may call it so
          readinessProbe: { tcpSocket: { port: 8765 }, periodSeconds: 1 },
          // For low ports and for addresses.
          securityContext: { runAsUser: 0, capabilities: { add: ["NET_ADMIN"] } },
        },
      ],
    },
  };
}

/** Which of the targets answer a pod. */
export function answersTo(
  { kubectl, pod }: { kubectl: TestNamespace["kubectl"]; pod: string },
  targets: Target[],
): boolean[] {
  return JSON.parse(kubectl("exec", pod, "--", "python3", "-c", CALLER, JSON.stringify(targets))) as boolean[];
}
