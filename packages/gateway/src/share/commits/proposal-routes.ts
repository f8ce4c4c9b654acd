import { AcceptedProposalSchema, AcceptProposalSchema, ProposalDiffSchema, ProposalsSchema } from "@waiide/protocol";
import { Type } from "typebox";
import type { RouteHost } from "../../access/route-host.ts";
import type { OwnerShares } from "../owner-shares.ts";

const Id = Type.Object({ id: Type.String() });
const ProposalId = Type.Object({ id: Type.String(), proposal: Type.String() });
const owner = { config: { who: "owner" } } as const;
const path = "/api/share/:id/proposals";

type Sources = Pick<OwnerShares, "proposalsOf" | "patchOf" | "acceptProposal" | "declineProposal">;

/** What guests of a shared commit propose, for its owner. */
export function addProposalRoutes(api: RouteHost, shares: Sources): void {
  api.get(
    path,
    {
      ...owner,
      schema: { summary: "Changes that guests pushed", params: Id, response: { 200: ProposalsSchema } },
    },
    async (request) => ({ proposals: await shares.proposalsOf(request.params.id) }),
  );
  api.get(
    `${path}/:proposal`,
    {
      ...owner,
      schema: { summary: "What a proposal changes", params: ProposalId, response: { 200: ProposalDiffSchema } },
    },
    async ({ params }) => ({ patch: await shares.patchOf(params.id, params.proposal) }),
  );
  api.post(
    `${path}/:proposal/accept`,
    {
      ...owner,
      schema: {
        summary: "Makes a proposal a new branch of your repository; nothing is checked out or merged",
        params: ProposalId,
        body: AcceptProposalSchema,
        response: { 200: AcceptedProposalSchema },
      },
    },
    ({ params, body }) => shares.acceptProposal(params.id, params.proposal, body),
  );
  api.post(
    `${path}/:proposal/decline`,
    { ...owner, schema: { summary: "Removes a proposal", params: ProposalId, response: { 204: Type.Null() } } },
    async ({ params }, reply) => {
      await shares.declineProposal(params.id, params.proposal);
      reply.code(204);
      return null;
    },
  );
}
