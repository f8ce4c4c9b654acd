import { expect, it } from "vitest";
import { secretRules } from "../../../src/git/secrets.ts";

const letters = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz";
/** Put together here, so that no file holds what looks like a secret. */
const samples: Readonly<Record<string, string>> = {
  "private key": ["-----BEGIN OPENSSH PRIVATE", "KEY-----"].join(" "),
  "AWS access key": `AKIA${"ABCDEFGHIJKLMNOP"}`,
  "GitHub token": `ghp_${letters.slice(0, 36)}`,
  "GitLab token": `glpat-${letters.slice(0, 20)}`,
  "Slack token": `xoxb-${"1234567890"}-x`,
  "Google API key": `AIza${letters.slice(0, 35)}`,
  "Stripe key": `sk_live_${letters.slice(0, 24)}`,
  "npm token": `npm_${letters.slice(0, 36)}`,
  "PyPI token": `pypi-AgE${letters.slice(0, 52)}`,
  "Hugging Face token": `hf_${letters.slice(0, 34)}`,
  "OpenAI or Anthropic key": `sk-ant-${letters.slice(0, 40)}`,
  "password in an address": ["postgres://ana:", "hunter22@db.example.org/x"].join(""),
};

function rulesOf(text: string): string[] {
  return secretRules.filter(({ pattern }) => pattern.test(text)).map(({ rule }) => rule);
}

it.each(secretRules.map(({ rule }) => rule))("%s is recognized in a line", (rule) => {
  expect(rulesOf(`x = "${samples[rule]}"`)).toEqual([rule]);
});

it("ordinary text holds none", () => {
  const text =
    "https://example.org/a@b sk-learn AKIA npm_config_python https://<user>:<password>@host -----BEGIN CERTIFICATE-----";
  expect(rulesOf(text)).toEqual([]);
});
