// Passkeys: the one thing of an account that needs JavaScript. A form marked data-passkey asks the portal for a question,
// lets the browser answer it, and is then sent like any other form.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (keys) => (keys || []).map((key) => ({ ...key, id: toBytes(key.id) }));

const question = async (form) => {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const response = await fetch(form.dataset.question, { method: "POST", body, headers: { Accept: "application/problem+json" } });
  if (!response.ok) throw new Error(`the portal answered ${response.status}`);
  const options = await response.json();
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
  return { publicKey: options };
};

const answered = (key) => {
  const given = key.response;
  const response = { clientDataJSON: toText(given.clientDataJSON) };
  if (given.attestationObject) {
    response.attestationObject = toText(given.attestationObject);
    response.transports = given.getTransports ? given.getTransports() : [];
  } else {
    response.authenticatorData = toText(given.authenticatorData);
    response.signature = toText(given.signature);
    if (given.userHandle) response.userHandle = toText(given.userHandle);
  }
  return JSON.stringify({ id: key.id, rawId: toText(key.rawId), type: key.type, response, clientExtensionResults: {} });
};

const prove = async (form) => {
  const problem = form.querySelector("[data-problem]");
  problem.hidden = true;
  try {
    const options = await question(form);
    const key = form.dataset.passkey === "create" ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
    form.elements.answer.value = answered(key);
    form.submit();
  } catch (error) {
    console.warn("passkey", error);
    problem.hidden = false;
  }
};

const known = Boolean(window.PublicKeyCredential && navigator.credentials);
document.querySelectorAll("[data-no-passkeys]").forEach((note) => { note.hidden = known; });
if (known) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.reportValidity()) prove(form);
    });
  });
}
