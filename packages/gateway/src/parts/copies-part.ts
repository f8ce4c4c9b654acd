import type { RequestActors } from "../access/request-actors.ts";
import type { AddRoutes } from "../access/route-host.ts";
import { Copies } from "../copies/copies.ts";
import { addCopyPages, addCopyRoutes } from "../copies/copy-routes.ts";
import { CopyRecords, recordsFolder } from "../copies/records.ts";
import { readPython } from "../environment/python.ts";
import type { Foundation } from "./foundation.ts";

/** Copies of what others shared. */
export interface CopiesPart {
  readonly records: CopyRecords;
  readonly routes: AddRoutes;
  start(): Promise<void>;
}

export function copiesPart({ config, logger, lifetime, proofs }: Foundation, actors: RequestActors): CopiesPart {
  const { baseUrl, workspace, hub, dataFolder } = config;
  const records = new CopyRecords(recordsFolder(dataFolder), logger);
  const copies = lifetime.keep(
    new Copies({
      hub,
      records,
      workspace,
      environment: async () => ({
        image: process.env.JUPYTER_IMAGE_SPEC ?? process.env.JUPYTER_IMAGE,
        python: (await readPython(workspace, process.env))?.version,
      }),
      offersSetUp: config.copySetup,
      logger,
    }),
  );
  const proofFor = (request: Parameters<RequestActors["holderOf"]>[0]) => {
    const holder = actors.holderOf(request);
    return holder && proofs.of(holder);
  };
  return {
    records,
    routes: (host) => {
      if (hub !== undefined) addCopyPages(host, { copies, baseUrl, proofFor });
      addCopyRoutes(host, copies);
    },
    start: () => copies.recover(),
  };
}
