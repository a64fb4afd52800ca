import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, refusal, row } from "./browser.mjs";

const { emptyRun, emptyStory } = await import("../../../deployments/studio/static/run.js");
const { look, undo } = await import("../../../deployments/studio/static/actions/mend.js");
const { otherOf, others, pictureIn, versionName } = await import(
  "../../../deployments/studio/static/versions.js"
);

const finished = (id, images, more) => ({
  ...emptyRun(id, row(id, more)),
  status: "finished",
  stories: images.map((image) => ({ ...emptyStory(), image })),
});

/** A run of two pictures; b corrects the second, c corrects b; d is on its way. */
function family() {
  const page = begin(() => refusal(404, "run_not_found"));
  const runs = {
    a: finished("a", ["0/image.png", "1/image.png"]),
    b: finished("b", ["0/image.png"], { parent: "a", request: { picture: 1 } }),
    c: finished("c", ["0/image.png"], { parent: "b" }),
    d: { ...emptyRun("d", row("d", { parent: "a" })), status: "failed" },
  };
  page.set({ runs, versions: ["a", "b", "c", "d"], shown: "c" });
  return page;
}

test("a version is compared with any other that has a picture", () => {
  const page = family();
  assert.deepEqual(others(page.get()), [
    { id: "a", name: "First version", image: "1/image.png" },
    { id: "b", name: "Correction 1", image: "0/image.png" },
  ]);
  page.set({ shown: "a", picture: 1 });
  assert.deepEqual(
    others(page.get()).map(({ id }) => id),
    ["b", "c"],
  );
});

test("with what it corrects, until a person chooses another one", () => {
  const page = family();
  assert.equal(otherOf(page.get()).id, "b");
  page.set({ other: "a" });
  assert.equal(otherOf(page.get()).id, "a");
  page.set({ shown: "a" });
  assert.equal(otherOf(page.get()).id, "b", "not with itself");
  page.set({ versions: ["a"] });
  assert.equal(otherOf(page.get()), undefined);
});

test("of a run with several pictures a correction belongs to one, also on the way back", () => {
  const page = family();
  assert.equal(pictureIn(page.get(), "a"), 1);
  look("a");
  assert.equal(page.get().picture, 1);
  undo();
  assert.deepEqual([page.get().shown, page.get().picture], ["c", 0]);
});

test("versions are named as they are numbered", () => {
  assert.deepEqual(
    ["a", "c"].map((id) => versionName(["a", "b", "c"], id)),
    ["First version", "Correction 2"],
  );
});
