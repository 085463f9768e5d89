import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { join } from "node:path";
import { create } from "../conformance/broken-start.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { executable } from "../conformance/provider.ts";

/** One rule of a NetworkPolicy; field names as on the wire. */
interface Egress {
  ports?: { port: number; protocol: string }[];
  to?: { ipBlock?: { cidr: string; except?: string[] }; podSelector?: object; namespaceSelector?: object }[];
}

interface Policy {
  kind: string;
  metadata: { name: string };
  spec: {
    podSelector: { matchLabels?: Record<string, string> };
    policyTypes: string[];
    ingress?: object[];
    egress?: Egress[];
  };
}

const text = readFileSync(join(import.meta.dir, "../../deploy/network.yaml"), "utf8");
const policies = [Bun.YAML.parse(text) as Policy | Policy[]].flat();
const namespace = testNamespace();
beforeAll(() => namespace.create(), 60_000);
afterAll(() => namespace.remove(), 60_000);

test("the API server takes every policy, with no field that it does not know", () => {
  create(namespace.kubectl, ...policies);
  const names = namespace.kubectl("get", "networkpolicies", "-o", "jsonpath={.items[*].metadata.name}").split(" ");
  expect(names.sort()).toEqual(policies.map(({ metadata }) => metadata.name).sort());
});

test("the agents' policy selects every box and closes it both ways but for what it names", async () => {
  const agents = policyOf("gc-agent");
  await executable(namespace.env())({ op: "start", args: ["held"], stdin: '{"command":"sleep 600"}' });
  expect(selectedBy(agents)).toMatch(/^pod\/gc-held-[0-9a-f]{10}\n$/);
  expect(agents.spec.policyTypes.toSorted()).toEqual(["Egress", "Ingress"]);
  expect(agents.spec.ingress ?? []).toEqual([]);
});

test("an agent reaches names, Dolt, mail and the public internet by HTTPS, nothing else", () => {
  const { egress = [] } = policyOf("gc-agent").spec;
  const ports = egress.flatMap((rule) => (rule.ports ?? [{ port: 0, protocol: "any" }]).map(({ port }) => port));
  expect([...new Set(ports)].sort((a, b) => a - b)).toEqual([53, 443, 3307, 8765]);
  for (const rule of egress) expect(rule.to?.length).toBeGreaterThan(0);
});

test.each([
  ["10.0.0.1", false],
  ["10.96.0.1", false],
  ["172.20.1.1", false],
  ["192.168.1.1", false],
  ["100.64.0.1", false],
  ["127.0.0.1", false],
  ["169.254.169.254", false],
  ["168.63.129.16", false],
  ["1.1.1.1", true],
  ["172.32.0.1", true],
  ["fd00:ec2::254", false],
  ["fd12::1", false],
  ["fe80::1", false],
  ["2606:4700::1111", true],
])("HTTPS to %s is allowed: %s", (address, isAllowed) => {
  const { egress = [] } = policyOf("gc-agent").spec;
  const blocks = egress
    .filter(({ ports }) => ports?.some(({ port }) => port === 443))
    .flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock] : [])));
  const isHeld = blocks.some(
    ({ cidr, except = [] }) => isIn(address, cidr) && !except.some((range) => isIn(address, range)),
  );
  expect(isHeld).toBe(isAllowed);
});

function policyOf(name: string): Policy {
  const policy = policies.find(({ metadata }) => metadata.name === name);
  if (!policy) throw new Error(`deploy/network.yaml has no policy "${name}"`);
  return policy;
}

function selectedBy({ spec }: Policy): string {
  const labels = Object.entries(spec.podSelector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  return namespace.kubectl("get", "pods", "-l", labels.join(","), "-o", "name");
}

function isIn(address: string, cidr: string): boolean {
  const [network = "", length] = cidr.split("/");
  // A BlockList finds every IPv4 address in ::/0.
  if (isIP(address) !== isIP(network)) return false;
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const range = new BlockList();
  range.addSubnet(network, Number(length), family);
  return range.check(address, family);
}
