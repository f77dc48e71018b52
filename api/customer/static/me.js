// Passkeys: the browser gives them to a script alone, so this is all that a script does here. A
// button holds what a device is asked; its answer goes into the form's own field, and the form
// is sent as any other. Where there can be no passkey the button stays hidden.
for (const button of document.querySelectorAll('button[data-passkey]')) {
  const ask = JSON.parse(button.dataset.question);
  const create = button.dataset.passkey === 'create';
  const domain = create ? ask.rp.id : ask.rpId;
  const known = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON;
  if (!known || (location.hostname !== domain && !location.hostname.endsWith('.' + domain))) continue;
  button.closest('.with').hidden = false;
  for (const note of document.querySelectorAll('.without')) note.hidden = true;
  button.addEventListener('click', async () => {
    const form = button.form;
    const password = form.elements.password;
    if (password) password.required = false; // the passkey stands for it
    if (!form.reportValidity()) {
      if (password) password.required = true;
      return;
    }
    button.disabled = true;
    try {
      const got = create
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(ask) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(ask) });
      form.elements.passkey.value = JSON.stringify(got.toJSON());
      form.requestSubmit();
    } catch (wrong) {
      button.setCustomValidity(wrong.message);
      button.reportValidity();
      button.setCustomValidity('');
      if (password) password.required = true;
    } finally {
      button.disabled = false;
    }
  });
}
