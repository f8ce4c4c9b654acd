/** Names what it is; the pattern is what tools that look for leaked secrets know it by. */
export interface SecretRule {
  readonly rule: string;
  readonly pattern: RegExp;
}

/** Secrets that are recognized by themselves, whatever the file is called. */
export const secretRules: readonly SecretRule[] = [
  { rule: "private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { rule: "AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { rule: "GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/ },
  { rule: "GitLab token", pattern: /\bgl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,}/ },
  { rule: "Slack token", pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,}/ },
  { rule: "Google API key", pattern: /\bAIza[0-9A-Za-z_-]{35}\b/ },
  { rule: "Stripe key", pattern: /\b[sr]k_live_[0-9A-Za-z]{20,}/ },
  { rule: "npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { rule: "PyPI token", pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,}/ },
  { rule: "Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{34,}\b/ },
  { rule: "OpenAI or Anthropic key", pattern: /\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}/ },
  {
    rule: "password in an address",
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{1,80}:[^\s/:@"'<>{$]{3,80}@[\w.-]+/,
  },
];
