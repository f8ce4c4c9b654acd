import type { AppNames } from "../../access/app-names.ts";
import type { ShareLimits } from "../../config/settings/share-limits.ts";
import type { ShareRecords } from "../records/records.ts";
import { AppPages } from "./app-page.ts";
import { type AppLimits, Forwarding, type ForwardingParts } from "./forwarding.ts";
import { HostFront } from "./own-host/host-front.ts";
import { HostVisits } from "./own-host/visits.ts";
import { SealedFront } from "./sealed-front.ts";
import { SharedApps, type SharedAppsParts } from "./shared-apps.ts";

export interface OpenAppsParts
  extends Omit<SharedAppsParts, keyof ShareRecords>,
    Pick<ForwardingParts, "logger" | "onActivity"> {
  readonly records: ShareRecords;
  readonly names: AppNames;
  readonly limits: Pick<ShareLimits, "app_requests" | "app_sockets" | "app_upload">;
}

/** Everything about shared apps. */
export interface OpenApps {
  readonly apps: SharedApps;
  readonly pages: AppPages;
  readonly sealed: SealedFront;
  /** The same, on hosts of their own. */
  readonly hosts: HostFront;
}

export function openApps({ records, names, limits: most, onActivity, ...parts }: OpenAppsParts): OpenApps {
  const { logger, baseUrl } = parts;
  const apps = new SharedApps({ ...records, ...parts });
  const limits: AppLimits = { requests: most.app_requests, sockets: most.app_sockets, upload: most.app_upload };
  const forwarding = new Forwarding({ apps, limits, logger, onActivity });
  const visits = new HostVisits(records);
  const all = { ...records, apps, limits, forwarding, visits, names, baseUrl, logger };
  return {
    apps,
    pages: new AppPages({ ...all, shareOf: (session) => records.table.shareFor(session) }),
    sealed: new SealedFront(all),
    hosts: new HostFront(all),
  };
}
