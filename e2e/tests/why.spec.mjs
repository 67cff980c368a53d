// "Why?": the reason itself, the chain of causes back to the command, and the line of the manifest that it began with.
import { expect, open, test } from "../page.mjs";
import { editor, emptyDesk, homeless, paste, shape, toTheEnd } from "../person.mjs";

const web = `# A comment of two lines,
# then the Pod.
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx:1.25
`;

const apply = async (page, manifest) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, manifest);
  await page.locator("[data-act=apply]").click();
  await toTheEnd(page);
};

test("a deleted Pod's panel says since when it is gone and why, and leads to where it was there last", async ({ page }) => {
  await apply(page, web);
  await shape(page, /^Pod web/).first().click();
  await expect(page.locator(".inspector .why")).toContainText("kubectl apply -f");
  const absent = page.locator(".inspector .absent");
  await expect(absent).toHaveCount(0);
  await page.locator(".inspector .action-danger", { hasText: "kubectl delete pod web" }).click();
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      return absent.count();
    }, { intervals: [200, 300, 300, 400] })
    .toBe(1);
  await expect(absent).toContainText("Pod web");
  await expect(absent).toContainText(/\d\d:\d\d\.\d/);
  await expect(page.locator(".inspector .why-reason").first()).toContainText("kubectl delete pod web");
  await expect(page.locator(".inspector .why li").first()).toContainText("kubectl delete pod web");
  // How it was last is still to be read.
  await expect(page.locator(".inspector .yaml")).toContainText("deletionTimestamp");
  await absent.locator("[data-act=go-there]").focus();
  await page.keyboard.press("Enter");
  await expect(absent).toHaveCount(0);
  await expect(page.locator(".inspector .facts")).toBeVisible();
});

test("a Pending Pod says first what the scheduler says, and which node fell out where", { tag: "@long" }, async ({ page }) => {
  await apply(page, homeless);
  await shape(page, /^Pod large/).first().click();
  const reasons = page.locator(".inspector .why-reason");
  await expect(reasons.first()).toContainText(/0\/\d nodes are available/);
  await expect(reasons.nth(1)).toContainText(/node-1.*NodeAffinity/);
});

test("the chain leads to the manifest's line, as long as the text has the object", async ({ page }) => {
  await apply(page, web);
  await shape(page, /^Pod web/).first().click();
  const link = page.locator(".inspector [data-act=manifest]");
  await expect(link).toHaveText(/:3$/);
  await link.click();
  const line = () => editor(page).evaluate(({ view }) => view.state.doc.lineAt(view.state.selection.main.head).number);
  await expect.poll(line).toBe(3);
  await expect(page.locator("podium-editor .cm-content")).toBeFocused();
  await paste(page, homeless);
  await expect(link).toHaveCount(0);
  // Its cause is still told.
  await expect(page.locator(".inspector .why li").first()).toContainText("kubectl apply -f");
});

test("a container and its process say how they came to be", { tag: "@long" }, async ({ page }) => {
  await apply(page, web);
  await page.keyboard.press("2");
  await shape(page, /web: PID 1/).first().click();
  await expect(page.locator(".inspector .name")).toHaveText("web");
  await expect(page.locator(".inspector .why li").first()).toContainText("kubectl apply -f");
  await page.locator(".inspector .parts button", { hasText: /^PID \d+ nginx/ }).first().click();
  await expect(page.locator(".inspector .name")).toHaveText(/^nginx/);
  await expect(page.locator(".inspector .why-reason").first()).toContainText(/PID \d+/);
  await expect(page.locator(".inspector .why li").first()).toContainText("kubectl apply -f");
});
