// The chat on any page, by one script tag that loads this file with `async`.
// Its data- attributes lang, title, position and customer set the chat up; customer-tier,
// customer-expires and customer-signature are what the site's own server signed. A page that places
// a <kefu-chat> element itself gets no second one.
(() => {
  const script = document.currentScript;
  const { lang, title, position, customer, customerTier, customerExpires, customerSignature } = script.dataset;
  const attributes = {
    lang, heading: title, position, customer, "customer-tier": customerTier,
    "customer-expires": customerExpires, "customer-signature": customerSignature,
  };

  function add() {
    if (document.querySelector("kefu-chat")) return;
    const chat = document.createElement("kefu-chat");
    for (const [name, value] of Object.entries(attributes)) {
      if (value) chat.setAttribute(name, value);
    }
    document.body.append(chat);
  }

  import(new URL("ui/chat/element.js", script.src)).then(() => {
    if (document.body) add();
    else document.addEventListener("DOMContentLoaded", add);
  });
})();
