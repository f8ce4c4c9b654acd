import type { NameGroup } from "../name-groups.ts";

export const buildServers: NameGroup = {
  title: "Build servers",
  why: "pushing it runs it on a build server, with its secrets",
  names: [
    ...[".github/workflows", ".github/actions", ".gitea", ".forgejo", ".gitlab-ci*.y{a,}ml", ".gitlab/ci", ".circleci"],
    ...[
      ".travis.yml",
      "azure-pipelines*.y{a,}ml",
      ".azure-pipelines",
      "Jenkinsfile*",
      ".drone.y{a,}ml",
      ".woodpecker*",
    ],
    ...[
      "bitbucket-pipelines.yml",
      ".buildkite",
      "cloudbuild.y{a,}ml",
      "appveyor.yml",
      ".appveyor.yml",
      ".cirrus.y{a,}ml",
      ".tekton",
    ],
  ],
};
