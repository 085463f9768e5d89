import { readFileSync } from "node:fs";
import { join } from "node:path";
import { API_PORT } from "./components.ts";

/** Whom a kubeconfig speaks for, and where. */
export interface KubeconfigFor {
  context: string;
  address: string;
  user: string;
}

/** The text of a kubeconfig that holds the certificate of the same name in `keys`. */
export function kubeconfig({ context, address, user }: KubeconfigFor, keys: string): string {
  const data = (file: string) => readFileSync(join(keys, file)).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: ${context}
clusters:
  - name: ${context}
    cluster:
      server: https://${address}:${API_PORT}
      certificate-authority-data: ${data("ca.crt")}
users:
  - name: ${context}-${user}
    user:
      client-certificate-data: ${data(`${user}.crt`)}
      client-key-data: ${data(`${user}.key`)}
contexts:
  - name: ${context}
    context:
      cluster: ${context}
      user: ${context}-${user}
`;
}
