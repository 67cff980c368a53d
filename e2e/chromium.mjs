// The machine's own Chromium, kept from doing anything but showing the page.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const chromium = {
  launchOptions: { executablePath: process.env.CHROMIUM, args: flags },
};
