// Loaded into every page under test.
window.kefuHelp = (() => {
  function* all(root = document) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* all(element.shadowRoot);
    }
  }

  const isShown = (element) =>
    element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && !element.closest("[inert]");
  const isUnseen = (element) => Boolean(element.closest(".unseen"));

  function findAll(selector) {
    return [...all()].filter((element) => element.matches(selector) && isShown(element));
  }

  const find = (selector) => findAll(selector)[0] ?? null;

  function named(words) {
    const controls = "button, a, label, summary, [role=button], [role=option], input, select";
    const nameOf = (element) => (element.computedName || element.textContent).trim();
    const shown = findAll(controls);
    return shown.find((element) => nameOf(element) === words)
      ?? shown.find((element) => nameOf(element).includes(words)) ?? null;
  }

  function middle(element) {
    element.scrollIntoView({ block: "nearest" });
    const box = element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  function focused() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  }

  const focusName = () => focused()?.computedName ?? "";

  function text() {
    const parts = [];
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) parts.push(node.data);
      else if (node.nodeType === Node.ELEMENT_NODE) {
        if (["SCRIPT", "STYLE"].includes(node.tagName) || !isShown(node)) return;
        for (const child of (node.shadowRoot ?? node).childNodes) walk(child);
        if (getComputedStyle(node).display !== "inline") parts.push("\n");
      }
    };
    walk(document.body);
    return parts.join("").replace(/\n{2,}/g, "\n");
  }

  // ---- audit ----------------------------------------------------------------------------------

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  function rgba(color) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }

  const over = ([r, g, b, a], below) => [r, g, b].map((value, at) => value * a + below[at] * (1 - a));
  const parentOf = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;

  function background(element) {
    const layers = [];
    for (let at = element; at; at = parentOf(at)) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    const base = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reverse().reduce((below, layer) => over(layer, below), base);
  }

  function luminance(color) {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(element, color) {
    const below = background(element);
    const [light, dark] = [luminance(over(rgba(color), below)), luminance(below)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  const label = (element) =>
    `<${element.localName} class="${element.className?.baseVal ?? element.className}"> ${(element.textContent || element.placeholder || "").trim().slice(0, 40)}`;

  function audit(host) {
    const faults = [];
    const window = [...all()].filter((element) => element.matches("dialog:modal")).at(-1);
    const within = (element) => {
      for (let at = element; at; at = parentOf(at)) if (at === window) return true;
      return false;
    };
    const width = document.documentElement.clientWidth;
    const root = host ? document.querySelector(host).shadowRoot : document;
    for (const element of all(root)) {
      if (window && !within(element)) continue; // the rest of the page is out of reach
      if (!isShown(element) || isUnseen(element) || !element.getClientRects().length) continue;
      const style = getComputedStyle(element);
      const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      const isField = element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
      const isOff = element.matches(":disabled") || element.closest(":disabled");
      if ((words || isField) && !isOff && element.localName !== "option") {
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const colors = [style.color];
        if (isField && element.placeholder) colors.push(getComputedStyle(element, "::placeholder").color);
        for (const color of colors) {
          const ratio = contrast(element, color);
          if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${label(element)}`);
        }
      }
      const box = element.getBoundingClientRect();
      const isControl = element.matches("button, a[href], input, select, textarea, summary, [role=button], [role=option], [role=radio]");
      if (isControl) {
        if (!element.computedName?.trim()) faults.push(`no name: ${label(element)}`);
        const isInline = element.localName === "a" && style.display === "inline";
        const target = element.closest("label")?.getBoundingClientRect() ?? box;
        if (!isInline && (target.width < 24 || target.height < 24)) {
          faults.push(`target ${target.width.toFixed(0)}x${target.height.toFixed(0)}: ${label(element)}`);
        }
      }
      if (box.right > width + 1 && style.position !== "fixed" && !isScrolled(element)) {
        faults.push(`sticks out to ${box.right.toFixed(0)} of ${width}: ${label(element)}`);
      }
      const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      if (words && isCut && style.overflowX !== "visible" && style.textOverflow !== "ellipsis" && style.overflowX !== "auto") {
        faults.push(`cut off: ${label(element)}`);
      }
    }
    if (document.documentElement.scrollWidth > width) faults.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
    return faults;
  }

  function isScrolled(element) {
    for (let at = parentOf(element); at; at = parentOf(at)) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  }

  const help = { all, find, findAll, named, middle, focused, focusName, text, audit, shift: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) help.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  return help;
})();
