// An OpenID provider on the loopback for the tests: the certified npm package oidc-provider with its
// own sign-in page, where any name is a person. What the dashboard's tests ask of it besides is one
// thing: to hand out, when told so, an ID token that is wrong in one way.
import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const [issuer, redirectUri, clientId, clientSecret] = process.argv.slice(2);
const people = { groups: {}, unverified: [] };
let fault = ""; // what the next ID tokens are wrong in
let lifetimeS = 3600;

const keyPair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [own, strange] = [keyPair(), keyPair()];
const keyId = "tests";

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [redirectUri],
    },
  ],
  jwks: {
    keys: [{ ...own.privateKey.export({ format: "jwk" }), kid: keyId, alg: "RS256", use: "sig" }],
  },
  cookies: { keys: [createHash("sha256").update(clientSecret).digest("hex")] },
  conformIdTokenClaims: false, // Streamlit reads the ID token only
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  ttl: { IdToken: () => lifetimeS, Session: 3600, Interaction: 3600, Grant: 3600, AccessToken: 3600 },
  findAccount: (_context, email) => ({
    accountId: email,
    claims: () => ({
      sub: email,
      email,
      email_verified: !people.unverified.includes(email),
      name: `Synthetic person ${email}`,
      groups: people.groups[email] ?? [],
    }),
  }),
});

const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
const decoded = (text) => JSON.parse(Buffer.from(text, "base64url").toString("utf-8"));

const WRONG = {
  expired: (claims) => ({ ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 }),
  audience: (claims) => ({ ...claims, aud: "another-application" }),
  "audience with our azp": (claims) => ({ ...claims, aud: "another-application", azp: clientId }),
  issuer: (claims) => ({ ...claims, iss: "http://127.0.0.1:9/another" }),
  nonce: (claims) => ({ ...claims, nonce: "another" }),
  signature: (claims) => claims,
  "no signature": (claims) => claims,
};

function wrongToken(token) {
  const [head, body] = token.split(".");
  const header = fault === "no signature" ? { alg: "none" } : decoded(head);
  const text = `${encoded(header)}.${encoded(WRONG[fault](decoded(body)))}`;
  if (fault === "no signature") return `${text}.`;
  const key = fault === "signature" ? strange.privateKey : own.privateKey;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key).toString("base64url")}`;
}

provider.use(async (context, next) => {
  await next();
  if (context.path === "/token" && context.body?.id_token && fault) {
    context.body.id_token = wrongToken(context.body.id_token);
  }
});

// One line of JSON is one order; each is answered by one line.
createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  if ("fault" in order) fault = order.fault;
  if ("lifetime_s" in order) lifetimeS = order.lifetime_s;
  if ("groups" in order) people.groups = order.groups;
  if ("unverified" in order) people.unverified = order.unverified;
  console.log("done");
});

const { hostname, port } = new URL(issuer);
provider.listen(Number(port), hostname, () => console.log("listening"));
process.stdin.on("end", () => process.exit(0)); // it does not outlive the tests
