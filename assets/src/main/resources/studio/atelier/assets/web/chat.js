/*
 * The page of the messages. The window calls page.* with plain values and HTML that it made safe; the page answers with
 * alert(JSON), which carries text and nothing else, so no object of the window can be reached from here.
 */
"use strict";
const page = (() => {
  const NEAR_END = 40;
  const NEAR_START = 300;
  const MOST_HIGHLIGHTED = 60000;
  const MOST_HIGHLIGHTED_OPEN = 6000;
  const MOST_FORMULA = 4000;
  const COPIED_MILLIS = 1500;
  const UP = 38;
  const DOWN = 40;

  const list = document.getElementById("messages");
  const latest = document.getElementById("latest");
  const announced = document.getElementById("announced");
  const known = new Map();
  let words = {};
  let atEnd = true;
  let hasOlder = false;

  function tell(event) {
    alert(JSON.stringify(event));
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#icon-" + name);
    svg.append(use);
    return svg;
  }

  /* Scrolling: at the end it stays there, anywhere else nothing moves. */

  function height() {
    return document.documentElement.scrollHeight;
  }

  function goToEnd() {
    scrollTo(0, height());
  }

  function look() {
    atEnd = innerHeight + scrollY >= height() - NEAR_END;
    latest.hidden = atEnd;
    if (hasOlder && scrollY < NEAR_START) {
      hasOlder = false;
      tell({ what: "older" });
    }
  }

  function firstVisible() {
    for (const message of list.children) {
      if (message.getBoundingClientRect().bottom > 0) return message;
    }
    return null;
  }

  function keepingPlace(change) {
    const anchor = atEnd ? null : firstVisible();
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    change();
    if (atEnd) {
      goToEnd();
    } else if (anchor && anchor.isConnected) {
      scrollBy(0, anchor.getBoundingClientRect().top - before);
    }
    look();
  }

  addEventListener("scroll", look, { passive: true });
  addEventListener("resize", () => { if (atEnd) goToEnd(); look(); });
  addEventListener("wheel", event => { if (event.deltaY < 0 && scrollY > 0) atEnd = false; }, { passive: true });
  document.fonts.addEventListener("loadingdone", () => { if (atEnd) goToEnd(); });
  latest.addEventListener("click", () => api.showLatest());

  /* Messages. */

  function add(key, person, before) {
    const message = element("article", "message " + (person ? "person" : "answer"));
    message.dataset.key = key;
    message.tabIndex = -1;
    message.append(element("div", "text said"), element("div", "notes"), element("div", "actions"));
    const next = before === null ? undefined : known.get(before);
    list.insertBefore(message, next ? next : null);
    known.set(key, message);
    return message;
  }

  function details(message) {
    let fold = message.querySelector(".thinking");
    if (!fold) {
      fold = element("details", "thinking");
      const summary = document.createElement("summary");
      summary.append(icon("fold"), document.createElement("span"));
      fold.append(summary, element("div", "thoughts said"));
      message.prepend(fold);
    }
    return fold;
  }

  function describe(message, about) {
    message.setAttribute("aria-label", about.author);
    if (about.thought) details(message).querySelector("summary span").textContent = about.thought;
    const notes = message.querySelector(".notes");
    notes.replaceChildren();
    if (about.source) {
      const source = element("button", "source");
      source.type = "button";
      source.dataset.act = "source";
      source.append(icon("source"), element("span", "", about.source));
      notes.append(source);
    }
    for (const note of about.notes) notes.append(element("span", "", note));
    const actions = message.querySelector(".actions");
    actions.replaceChildren(...about.actions.map(action => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.act = action.name;
      button.title = action.title;
      button.setAttribute("aria-label", action.title);
      button.append(icon(action.name));
      return button;
    }));
    message.classList.toggle("open", about.open);
    if (!about.open) message.querySelectorAll(".caret").forEach(caret => caret.remove());
  }

  function finish(block, open) {
    block.querySelectorAll(".math").forEach(math => {
      const source = math.textContent;
      const display = math.classList.contains("display");
      try {
        if (source.length > MOST_FORMULA) throw new Error("too long");
        katex.render(source, math, { displayMode: display, throwOnError: true, strict: "ignore", trust: false, maxSize: 40 });
      } catch (error) {
        math.textContent = source;
        math.classList.add("raw");
      }
    });
    block.querySelectorAll("pre code[class]").forEach(code => {
      const language = code.className.replace("language-", "");
      const most = open ? MOST_HIGHLIGHTED_OPEN : MOST_HIGHLIGHTED;
      if (code.textContent.length > most || !hljs.getLanguage(language)) return;
      code.innerHTML = hljs.highlight(code.textContent, { language: language, ignoreIllegals: true }).value;
    });
    block.querySelectorAll("li > input[type=checkbox]").forEach(box => box.parentElement.classList.add("task"));
  }

  function putCaret(message, place) {
    message.querySelectorAll(".caret").forEach(caret => caret.remove());
    let inner = place;
    while (inner.lastElementChild && inner.lastElementChild === lastSolid(inner)
        && /^(DIV|P|UL|OL|LI|BLOCKQUOTE|PRE|CODE|TABLE|TBODY|TR|TD|H[1-6])$/.test(inner.lastElementChild.tagName)) {
      inner = inner.lastElementChild;
    }
    inner.append(element("span", "caret"));
  }

  function lastSolid(node) {
    let last = node.lastChild;
    while (last && last.nodeType === Node.TEXT_NODE && !last.data.trim()) last = last.previousSibling;
    return last;
  }

  function write(message, part, from, blocks, open) {
    const place = part === "thinking" ? details(message).querySelector(".thoughts") : message.querySelector(".text");
    while (place.children.length > from) place.lastElementChild.remove();
    blocks.forEach((html, index) => {
      const block = element("div", "block");
      block.innerHTML = html;
      finish(block, open && index === blocks.length - 1);
      place.append(block);
    });
    if (open) putCaret(message, place);
  }

  function mark(button) {
    const before = button.querySelector("svg");
    const title = button.title;
    if (button.classList.contains("done")) return;
    button.classList.add("done");
    button.title = words.copied;
    button.setAttribute("aria-label", words.copied);
    before.replaceWith(icon("check"));
    setTimeout(() => {
      button.classList.remove("done");
      button.title = title;
      button.setAttribute("aria-label", title);
      button.querySelector("svg").replaceWith(before);
    }, COPIED_MILLIS);
  }

  /* What the person does. */

  document.addEventListener("click", event => {
    const link = event.target.closest("a");
    if (link) {
      event.preventDefault();
      tell({ what: "link", address: link.getAttribute("href") });
      return;
    }
    const button = event.target.closest("button");
    if (!button) return;
    if (button.classList.contains("copy-code")) {
      tell({ what: "copy-text", text: button.closest(".code").querySelector("code").textContent });
      mark(button);
    } else if (button.dataset.act) {
      tell({ what: button.dataset.act, key: Number(button.closest(".message").dataset.key) });
      if (button.dataset.act === "copy") mark(button);
    }
  });
  document.addEventListener("auxclick", event => event.preventDefault());
  document.addEventListener("dragstart", event => event.preventDefault());
  document.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // JavaFX tells the number of a key, but neither its key nor its code.
    if (event.keyCode !== UP && event.keyCode !== DOWN) return;
    const here = document.activeElement.closest(".message");
    const next = !here ? list.lastElementChild
        : event.keyCode === UP ? here.previousElementSibling : here.nextElementSibling;
    // Left to the window, an arrow would take the keyboard out of the page.
    event.preventDefault();
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
  });

  const api = {
    /* {copied, latest, messages}: the page's own words. */
    use(language, own) {
      words = own;
      document.documentElement.lang = language;
      list.setAttribute("aria-label", own.messages);
      latest.querySelector("span").textContent = own.latest;
    },
    colours(values, dark) {
      const root = document.documentElement;
      root.classList.toggle("dark", dark);
      for (const name in values) root.style.setProperty("--" + name, values[name]);
    },
    sizes(text, code) {
      keepingPlace(() => {
        document.documentElement.style.setProperty("--text", text + "px");
        document.documentElement.style.setProperty("--code-text", code + "px");
      });
    },
    stillness(still) {
      document.documentElement.classList.toggle("still", still);
    },
    /* Each step is {keep:[keys]} | {add:key, person, before} | {about:key, ...} | {write:key, part, from, blocks, open}. */
    apply(steps, older) {
      keepingPlace(() => {
        for (const step of steps) {
          if (step.keep) {
            const kept = new Set(step.keep);
            for (const [key, message] of known) {
              if (!kept.has(key)) {
                known.delete(key);
                message.remove();
              }
            }
            if (known.size === 0) atEnd = true;
          } else if (step.add !== undefined) {
            add(step.add, step.person, step.before);
          } else if (step.about !== undefined) {
            describe(known.get(step.about), step);
          } else {
            write(known.get(step.write), step.part, step.from, step.blocks, step.open);
          }
        }
        list.querySelectorAll(".message.last").forEach(message => message.classList.remove("last"));
        if (list.lastElementChild) list.lastElementChild.classList.add("last");
        hasOlder = older;
      });
    },
    announce(text) {
      announced.textContent = text;
    },
    showLatest() {
      atEnd = true;
      goToEnd();
      look();
    },
    focusLast() {
      if (list.lastElementChild) list.lastElementChild.focus({ preventScroll: true });
    },
    selection() {
      return String(getSelection());
    },
    /* The key of the message at a point, or "". */
    keyAt(x, y) {
      const hit = document.elementFromPoint(x, y);
      const message = hit && hit.closest(".message");
      return message ? message.dataset.key : "";
    }
  };
  return api;
})();
