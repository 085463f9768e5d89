import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const serverNames = "DNS:localhost,DNS:api.test,IP:127.0.0.1,IP:0.0.0.0";

/**
 * Makes a certificate authority, a server and a client certificate and some unusable ones with openssl.
 * The files: ca, other-ca, server, client, other (.crt and .key), and the variants that the rows of the table name.
 */
export async function makeCertificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of ["ca", "other-ca"]) {
    await openssl(folder, `req -x509 ${newKey} -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`);
  }
  await sign(folder, "server", "/CN=server", `subjectAltName=${serverNames}`);
  await sign(folder, "client", "/O=team/CN=client", "extendedKeyUsage=clientAuth");
  await sign(folder, "other", "/O=team/CN=other", "extendedKeyUsage=clientAuth");
  await openssl(folder, "ecparam -genkey -name prime256v1 -out parameters.key");
  await openssl(folder, "req -new -key parameters.key -subj /CN=parameters -out parameters.csr");
  await openssl(folder, `${signing} -in parameters.csr -out parameters.crt`);
  await openssl(folder, "pkey -in client.key -aes256 -passout pass:hush -out encrypted.key");
  await openssl(folder, "pkey -in client.key -traditional -aes256 -passout pass:hush -out encrypted-traditional.key");
  const read = (name: string): Promise<string> => Bun.file(join(folder, name)).text();
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write("combined.pem", (await read("client.key")) + (await read("client.crt")));
  write("client-crlf.crt", (await read("client.crt")).replaceAll("\n", "\r\n"));
  write("bundle.crt", `# two authorities\n${await read("other-ca.crt")}\n${await read("ca.crt")}`);
  write("garbage.pem", "no certificate\n");
  write("empty.pem", "");
}

const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
const signing = "x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 2";

async function sign(folder: string, name: string, subject: string, extension: string): Promise<void> {
  writeFileSync(join(folder, `${name}.ext`), extension);
  await openssl(folder, `req ${newKey} -subj ${subject} -keyout ${name}.key -out ${name}.csr`);
  await openssl(folder, `${signing} -in ${name}.csr -out ${name}.crt -extfile ${name}.ext`);
}

async function openssl(folder: string, command: string): Promise<void> {
  const child = Bun.spawn(["openssl", ...command.split(" ")], { cwd: folder, stdout: "ignore", stderr: "pipe" });
  const errors = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(`openssl ${command}: ${errors}`);
}
