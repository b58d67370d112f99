// A page of nobody after a form was sent (a login, an error): it was not taken, the text stays.
try {
  if (!document.querySelector("meta[name=drafts-of]"))
    for (const [key, draft] of Object.entries(localStorage))
      if (key.startsWith("draft ")) localStorage.setItem(key, draft.replace(',"sent":true', ""));
} catch {
  // The browser keeps nothing for us.
}
