// What the dialogs list, by the id of the upload. Gradio's own list would refuse every other file, also one that
// is dropped or has no extension, while here the content decides. And files that are pasted or dropped.
(accepted) => {
  const input = (kind) => document.querySelector(`#${kind} input[type=file]`);
  const list = () => {
    for (const kind in accepted) {
      const found = input(kind);
      if (found && found.accept !== accepted[kind]) found.accept = accepted[kind];
    }
  };
  new MutationObserver(list).observe(document.body, { childList: true, subtree: true });
  list();

  // A box with a file in it has no input: it is emptied first.
  const put = (kind, transferred) => {
    const files = new DataTransfer();
    files.items.add(transferred);
    const fill = () => {
      const found = input(kind);
      if (!found) return false;
      found.files = files.files;
      found.dispatchEvent(new Event("change"));
      return true;
    };
    if (fill()) return;
    const observer = new MutationObserver(() => {
      if (!input(kind)) return;
      observer.disconnect();
      // After all that inserting it does, which ends with listening to it.
      setTimeout(fill);
    });
    observer.observe(document.getElementById(kind), { childList: true, subtree: true });
    document.querySelector(`#${kind} button[aria-label]`).click();
  };
  document.addEventListener("paste", (event) => {
    const picture = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    const shown = ["hide-picture", "picture"].find((kind) => document.getElementById(kind)?.offsetParent);
    if (picture && shown) put(shown, picture);
  });
  const target = (event) => Object.keys(accepted).find((kind) => event.target.closest?.(`#${kind}`));
  document.addEventListener("dragover", (event) => target(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    const kind = target(event);
    if (!kind || !event.dataTransfer.files.length) return;
    event.preventDefault();
    put(kind, event.dataTransfer.files[0]);
  });
}
