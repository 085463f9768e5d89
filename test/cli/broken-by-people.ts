import { command } from "../settings/command.ts";
import type { BrokenCluster } from "./broken-cluster.ts";

/** What people do to an installation that was well. Each is mended again for the next. */
export const brokenByPeople: BrokenCluster[] = [
  {
    title: "somebody removed the agents' NetworkPolicy",
    breakIt({ healthy: { kubectl }, env }) {
      kubectl("delete", "networkpolicy", "gc-agent");
      return { mend: async () => void (await command(["upgrade", "--wait", "0"], env)) };
    },
    finds: { check: "network policy", level: "warning", says: /"gc-agent" is absent/ },
  },
  {
    title: "a database of Dolt has not the tables of beads",
    breakIt({ healthy: { kubectl } }) {
      const sql = (statement: string) =>
        void kubectl(
          "exec",
          "dolt-0",
          "--",
          "dolt",
          "--host=127.0.0.1",
          "--port=3307",
          "--no-tls",
          "sql",
          `--query=${statement}`,
        );
      sql("create database bare");
      return { mend: () => sql("drop database bare") };
    },
    finds: { check: "dolt server", level: "warning", says: /"bare".*tables of beads/ },
  },
  {
    title: "Dolt's password is no longer the one in the Secret",
    breakIt({ healthy: { kubectl } }) {
      const client = ["exec", "dolt-0", "--", "dolt", "--host=127.0.0.1", "--port=3307", "--no-tls", "sql"];
      kubectl(...client, "--query=alter user root identified by 'another'");
      const password = atob(kubectl("get", "secret", "dolt", "-o", "jsonpath={.data.password}"));
      const back = `--query=alter user root identified by '${password}'`;
      return {
        mend() {
          const env = ["env", "DOLT_CLI_PASSWORD=another"];
          kubectl("exec", "dolt-0", "--", ...env, ...client.slice(3), back);
          kubectl("wait", "pod/dolt-0", "--for=condition=Ready", "--timeout=90s");
        },
      };
    },
    finds: { check: "dolt server", level: "error", says: /Dolt (does not answer a question|is not ready)/ },
  },
  {
    title: "Dolt was scaled to none",
    breakIt({ healthy: { kubectl } }) {
      kubectl("scale", "statefulset/dolt", "--replicas=0");
      return {
        mend() {
          kubectl("scale", "statefulset/dolt", "--replicas=1");
          kubectl("rollout", "status", "statefulset/dolt", "--timeout=90s");
        },
      };
    },
    finds: { check: "dolt server", level: "error", says: /scaled to none/ },
  },
];
