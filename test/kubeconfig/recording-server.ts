import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

/** What an API server and the proxy before it saw of one request for pods. */
export interface RequestRecord {
  path: string;
  headers: Record<string, string[]>;
  serverName: string | false;
  clientSubject: string | undefined;
  /** "direct", or the Proxy-Authorization that the proxy saw ("" for none). */
  via: { proxyAuthorization: string } | "direct";
}

/** API servers (HTTPS and HTTP) that know nothing but pods, and proxies (HTTP and HTTPS) that send every host to 127.0.0.1. */
export interface RecordingServer {
  ports: { https: number; http: number; proxy: number; secureProxy: number };
  /** The requests for pods since the last call. */
  take(): RequestRecord[];
  close(): void;
}

const comparedHeaders = /^(authorization|host|impersonate-.*)$/;
const resource = { name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: ["get", "list"] };
const answers: [RegExp, unknown][] = [
  [/\/api$/, { kind: "APIVersions", versions: ["v1"] }],
  [/\/apis$/, { kind: "APIGroupList", apiVersion: "v1", groups: [] }],
  [/\/api\/v1$/, { kind: "APIResourceList", apiVersion: "v1", groupVersion: "v1", resources: [resource] }],
  [/\/pods$/, { kind: "PodList", apiVersion: "v1", metadata: {}, items: [] }],
];

/** Starts the servers on free ports with the certificates of `makeCertificates`. */
export async function startRecordingServer(certificates: string): Promise<RecordingServer> {
  const read = (name: string): string => readFileSync(join(certificates, name), "utf8");
  const tls = { key: read("server.key"), cert: read("server.crt") };
  const records: RequestRecord[] = [];
  const proxied = new Map<number, string>();
  const answer = (socket: Socket): void => onHead(socket, (head) => answerRequest(socket, head, records, proxied));
  const forward = (socket: Socket): void => onHead(socket, (head) => forwardRequest(socket, head, proxied));
  const asked = { ...tls, ca: read("ca.crt"), requestCert: true, rejectUnauthorized: false };
  const servers = {
    https: createTlsServer(asked, answer),
    http: createServer(answer),
    proxy: createServer(forward),
    secureProxy: createTlsServer(tls, forward),
  };
  const ports = { https: 0, http: 0, proxy: 0, secureProxy: 0 };
  for (const name of ["https", "http", "proxy", "secureProxy"] as const) ports[name] = await listen(servers[name]);
  return {
    ports,
    take: () => records.splice(0),
    close: () => Object.values(servers).forEach((server) => void server.close()),
  };
}

function listen(server: Server): Promise<number> {
  // Clients that refuse the certificate are part of the test.
  server.on("tlsClientError", (_error, socket: Socket) => socket.destroy());
  return new Promise((resolve) => server.listen(0, "0.0.0.0", () => resolve((server.address() as AddressInfo).port)));
}

function onHead(socket: Socket, handle: (head: string) => void): void {
  let head = "";
  const read = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    socket.off("data", read);
    handle(head);
  };
  socket.on("data", read);
  socket.on("error", () => socket.destroy());
}

function answerRequest(socket: Socket, head: string, records: RequestRecord[], proxied: Map<number, string>): void {
  const [, target = ""] = head.split(" ", 2);
  const path = target.replace(/^http:\/\/[^/]*/, "").replace(/\?.*/, "");
  const [, body] = answers.find(([pattern]) => pattern.test(path)) ?? [undefined, undefined];
  const authorization = proxied.get(socket.remotePort ?? 0);
  if (path.endsWith("/pods")) {
    records.push({
      path,
      headers: readHeaders(head),
      ...tlsPeer(socket),
      via: authorization === undefined ? "direct" : { proxyAuthorization: authorization },
    });
  }
  const text = JSON.stringify(body ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 });
  const status = body ? "200 OK" : "404 Not Found";
  const length = Buffer.byteLength(text);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${text}`,
  );
}

/** Host names are compared in lower case: Go keeps the letters that the kubeconfig has. */
function tlsPeer(socket: Socket): Pick<RequestRecord, "serverName" | "clientSubject"> {
  if (!(socket instanceof TLSSocket)) return { serverName: false, clientSubject: undefined };
  const { servername = false } = socket as { servername?: string | false };
  return {
    serverName: servername === false ? false : servername.toLowerCase(),
    clientSubject: JSON.stringify(socket.getPeerCertificate()?.subject),
  };
}

function readHeaders(head: string): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const line of head.split("\r\n").slice(1)) {
    const [written = "", value = ""] = line.split(/: (.*)/s);
    const name = written.toLowerCase();
    if (!comparedHeaders.test(name)) continue;
    headers[name] = [...(headers[name] ?? []), name === "host" ? value.toLowerCase() : value];
  }
  return headers;
}

function forwardRequest(socket: Socket, head: string, proxied: Map<number, string>): void {
  const [method, target = ""] = head.split(" ", 2);
  const port = Number(/:(\d+)/.exec(target.replace(/^http:\/\//, ""))?.[1]);
  const authorization = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1] ?? "";
  let localPort = 0;
  const server = connect(port, "127.0.0.1", () => {
    localPort = server.localPort ?? 0;
    proxied.set(localPort, authorization);
    if (method === "CONNECT") socket.write("HTTP/1.1 200 OK\r\n\r\n");
    else server.write(head, "latin1");
    socket.pipe(server);
    server.pipe(socket);
  });
  server.on("error", () => socket.destroy());
  server.on("close", () => proxied.delete(localPort));
}
