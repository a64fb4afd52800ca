/** Light or dark: as the system says, until a person says otherwise; first.js remembers what was said. */

const NAME = "record.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () =>
  (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

export function toggle() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(NAME, next);
}
