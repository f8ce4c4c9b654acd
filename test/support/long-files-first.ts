import { BaseSequencer, type TestSpecification } from "vitest/node";
import { longFiles } from "../../scripts/long-test-files.ts";

/** Starts the long files first, each project by itself. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
      return index === -1 ? longFiles.length : index;
    };
    const byProject = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    return [...byProject.values()].flatMap((specs) => specs.sort((one, other) => rank(one) - rank(other)));
  }
}
