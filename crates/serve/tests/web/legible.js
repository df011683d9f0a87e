// What somebody cannot read, reach or tell apart on this page: texts with too little contrast (WCAG 2.2, 1.4.3), things to press
// or fill in without a name (4.1.2), headings that leave out a level (1.3.1). Returns a list of words.
(() => {
  const colour = (text) => {
    const numbers = text.match(/-?[\d.]+(e-?\d+)?/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    const [red, green, blue] = numbers.slice(0, 3).map((one) => one * scale);
    return [red, green, blue, numbers[3] ?? 1];
  };
  const over = ([red, green, blue, alpha], under) =>
    [red, green, blue].map((one, at) => one * alpha + under[at] * (1 - alpha)).concat(1);
  const behind = (element) => {
    if (!element) return colour(getComputedStyle(document.body).backgroundColor);
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    const words = node.data.trim();
    if (!words || !element.checkVisibility() || element.closest(".hidden, script, noscript, option")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ground = behind(element);
    const ratio = contrast(over(colour(style.color), ground), ground);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${words}`);
  }
  for (const element of document.querySelectorAll("a, button, input:not([type=hidden]), select, [tabindex='0'], meter")) {
    const label = element.getAttribute("aria-labelledby");
    const named = element.labels?.[0] ?? (label && document.getElementById(label)) ?? element;
    const name = element.getAttribute("aria-label") || named.textContent.trim();
    if (!name) found.push(`no name: ${element.outerHTML}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) found.push(`${heading.tagName} after H${level}: ${heading.textContent}`);
    level = own;
  }
  return found;
})()
