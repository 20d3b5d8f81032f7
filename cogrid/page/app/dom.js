// The elements of the page.

/**
 * An element by its id.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`The page has no ${id}.`);
  return /** @type {T} */ (found);
}

/**
 * A new element.
 *
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A new button.
 *
 * @param {string} label
 * @param {() => void} onClick
 * @param {Record<string, string>} [attributes]
 */
export function button(label, onClick, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onClick);
  return made;
}

/**
 * Hand a file to the person.
 *
 * @param {string} name
 * @param {Uint8Array} bytes
 */
export function download(name, bytes) {
  const address = URL.createObjectURL(
    new Blob([/** @type {BlobPart} */ (bytes)], { type: "application/octet-stream" }),
  );
  const link = /** @type {HTMLAnchorElement} */ (make("a", { href: address, download: name }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * A sum as people write it: at most two decimals.
 *
 * @param {number} amount
 */
export function written(amount) {
  return String(Math.round(amount * 100) / 100).replace("-", "\u2212");
}

/**
 * A button that is on or off.
 *
 * @param {string} id
 * @param {(isOn: boolean) => void} onChange
 */
export function toggle(id, onChange) {
  const found = element(id);
  found.addEventListener("click", () => {
    const isOn = found.getAttribute("aria-pressed") !== "true";
    found.setAttribute("aria-pressed", String(isOn));
    onChange(isOn);
  });
}

/** Light or dark, as the system has it until somebody chooses. */
export function wireTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = (/** @type {boolean} */ isDark) => (document.documentElement.dataset.theme = isDark ? "dark" : "light");
  set(system.matches);
  system.addEventListener("change", () => set(system.matches));
  element("theme").addEventListener("click", () => set(document.documentElement.dataset.theme !== "dark"));
}
