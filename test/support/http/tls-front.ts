import { execFile } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import { promisify } from "node:util";

/** A certificate of its own for one host, made by the `cryptography` that every JupyterHub brings. */
const makeCertificate = `
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
now = datetime.datetime.now(datetime.timezone.utc)
names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("hub.test")])
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False).sign(key, hashes.SHA256()))
sys.stdout.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
sys.stdout.write(certificate.public_bytes(serialization.Encoding.PEM).decode())
`;

export interface TlsFront {
  close(): Promise<void>;
}

/**
 * What stands in front of most hubs: ends TLS, sets X-Forwarded-Proto, and passes Host on.
 * @param python of an environment with JupyterHub
 * @param target port of the hub's proxy, which adds its own `http` to X-Forwarded-Proto
 */
export async function startTlsFront(python: string, port: number, target: number): Promise<TlsFront> {
  const { stdout: pem } = await promisify(execFile)(python, ["-c", makeCertificate]);
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    const headers = { ...request.headers, "x-forwarded-proto": "https" };
    const forward = httpRequest({
      host: "127.0.0.1",
      port: target,
      path: request.url,
      method: request.method,
      headers,
    });
    forward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    forward.on("error", () => response.destroy());
    request.pipe(forward);
  });
  server.on("upgrade", (request, socket, head) => {
    const backend = connect(target, "127.0.0.1");
    const pairs = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    backend.write([`GET ${request.url} HTTP/1.1`, ...pairs, "X-Forwarded-Proto: https", "", ""].join("\r\n"));
    backend.write(head);
    backend.pipe(socket).pipe(backend);
    backend.on("error", () => socket.destroy());
    socket.on("error", () => backend.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
