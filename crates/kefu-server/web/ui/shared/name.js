// Names by which the service knows again what it was sent before.

/** Works on pages without TLS, too, where `crypto.randomUUID` does not exist. */
export function randomName(kind) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `${kind}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
