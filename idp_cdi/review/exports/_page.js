"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const key = "idp-cdi review " + data.made;
  const kept = (() => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } })();
  const answers = new Map(Object.entries(kept.answers || {}));
  let now = 0;
  let unsaved = false;
  at("person").value = kept.person || "";

  const el = (name, text, cls) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (cls) made.className = cls;
    return made;
  };
  const remember = () => {
    try { localStorage.setItem(key, JSON.stringify({ person: at("person").value, answers: Object.fromEntries(answers) })); } catch { /* private window: the file is what counts */ }
  };
  const words = { accept: "right", correct: "other value", absent: "not there", same: "same", different: "different", unsure: "unsure", ignore: "ignore", retry: "try again" };

  const say = (action, value) => {
    const asked = data.questions[now];
    const remark = at("remark") ? at("remark").value : "";
    answers.set(asked.id, { id: asked.id, state: asked.state, action, value: value || "", remark, at: new Date().toISOString() });
    unsaved = true;
    remember();
    const next = data.questions.findIndex((q, i) => i > now && !answers.has(q.id));
    show(next >= 0 ? next : Math.min(now + 1, data.questions.length - 1));
  };
  const unsay = () => { answers.delete(data.questions[now].id); unsaved = true; remember(); show(now); };

  const list = () => {
    const nav = at("list");
    nav.replaceChildren();
    data.questions.forEach((asked, i) => {
      const line = el("button");
      line.append(el("span", asked.field || asked.kind));
      const said = answers.get(asked.id);
      line.append(el("small", said ? "✓ " + (said.value || words[said.action]) : asked.value || asked.why, said ? "said" : ""));
      line.append(el("small", asked.file + (asked.page ? ", page " + asked.page : "")));
      line.setAttribute("aria-current", String(i === now));
      line.addEventListener("click", () => show(i));
      nav.append(line);
    });
    const current = nav.children[now];
    if (current) current.scrollIntoView({ block: "nearest" });
    at("bar").max = Math.max(1, data.questions.length);
    at("bar").value = answers.size;
    at("count").textContent = answers.size + " of " + data.questions.length;
  };

  // In shares of the page, so that a box stays where it belongs at any width of the window.
  const place = (box, page) => {
    const made = el("button", undefined, "box");
    const across = (points) => 100 * points * page.scale / page.width + "%", down = (points) => 100 * points * page.scale / page.height + "%";
    Object.assign(made.style, { left: `calc(${across(box[0])} - 2px)`, top: `calc(${down(box[1])} - 2px)`, width: `calc(${across(box[2] - box[0])} + 4px)`, height: `calc(${down(box[3] - box[1])} + 4px)` });
    return made;
  };
  const reading = (page, area) => page.words
    .filter((w) => (w[1] + w[3]) / 2 >= area[0] && (w[1] + w[3]) / 2 <= area[2] && (w[2] + w[4]) / 2 >= area[1] && (w[2] + w[4]) / 2 <= area[3])
    .map((w) => w[0]).join(" ");

  const draw = (asked) => {
    const sheet = at("sheet");
    sheet.replaceChildren();
    const page = data.pages[asked.document + "/" + (asked.page || 1)];
    if (!page) { sheet.append(el("p", asked.document ? "There is no picture of this page." : "")); return; }
    const image = new Image();
    image.alt = "page " + (asked.page || 1) + " of " + asked.file;
    image.src = page.image;
    image.width = page.width;
    image.height = page.height;
    image.draggable = false;
    sheet.append(image);
    (asked.others || []).forEach((other) => {
      if (!other.box || other.page !== (asked.page || 1)) return;
      const made = place(other.box, page);
      made.title = other.value;
      made.setAttribute("aria-label", "take " + other.value);
      made.addEventListener("click", (event) => { event.stopPropagation(); say("correct", other.value); });
      sheet.append(made);
    });
    if (asked.box) {
      const made = place(asked.box, page);
      made.classList.add("asked");
      made.tabIndex = -1;
      sheet.append(made);
      requestAnimationFrame(() => made.scrollIntoView({ block: "center", inline: "nearest" }));
    }
    if (asked.field) drag(sheet, page);
  };

  const drag = (sheet, page) => {
    let begin = null, frame = null;
    const spot = (event) => { const r = sheet.getBoundingClientRect(), shown = page.scale * r.width / page.width; return [(event.clientX - r.left) / shown, (event.clientY - r.top) / shown]; };
    const area = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    sheet.onpointerdown = (event) => { if (!event.target.classList.contains("box")) begin = spot(event); };
    sheet.onpointermove = (event) => {
      if (!begin) return;
      if (frame) frame.remove();
      frame = place(area(begin, spot(event)), page);
      frame.classList.add("drawn");
      sheet.append(frame);
    };
    sheet.onpointerup = (event) => {
      if (!begin) return;
      const text = reading(page, area(begin, spot(event)));
      begin = null;
      if (text && at("value")) { at("value").value = text; at("value").focus(); }
    };
  };

  const button = (text, hint, act, cls) => {
    const made = el("button", text + " ", cls);
    if (hint) made.append(el("kbd", hint));
    made.dataset.act = text;
    made.addEventListener("click", act);
    return made;
  };

  const show = (i) => {
    now = i;
    const asked = data.questions[i];
    list();
    const card = at("card");
    card.replaceChildren();
    if (!asked) { card.append(el("p", "Nothing to review.")); return; }
    const said = answers.get(asked.id);
    card.append(el("h2", asked.field || { match: "One customer?", conflict: "One customer?", duplicate: "The same invoice?", unreadable: "Unreadable file", rule: "Is this right as it is?" }[asked.kind]));
    card.append(el("div", asked.file + (asked.page ? ", page " + asked.page : ""), "note"));
    if (asked.field) card.append(el("div", asked.value || "(nothing found)", "value"));
    card.append(el("p", asked.why, "why"));
    if (asked.pairs) card.append(pairs(asked));
    if (said) {
      const line = el("p", "Answered: " + (said.action === "correct" ? said.value : words[said.action]) + " ", "done");
      line.append(button("take back", "", unsay));
      card.append(line);
    }
    const row = el("div", undefined, "row");
    const hints = { accept: "A", absent: "N", unsure: "U", same: "S", different: "D", ignore: "I", retry: "R" };
    asked.choices.filter((c) => c !== "correct").forEach((c, n) => row.append(button(words[c], hints[c], () => say(c), n === 0 ? "main" : "")));
    card.append(row);
    if (asked.others && asked.others.length) {
      card.append(el("div", "or it is", "note"));
      const others = el("div", undefined, "others");
      asked.others.forEach((other, n) => others.append(button(other.value, n < 9 ? String(n + 1) : "", () => say("correct", other.value))));
      card.append(others);
    }
    if (asked.choices.includes("correct")) {
      card.append(el("div", "or type it, or draw a frame around it on the page", "note"));
      const form = el("form", undefined, "row");
      const input = el("textarea");
      input.id = "value";
      input.rows = 2;
      input.setAttribute("aria-label", "the right value");
      if (said && said.action === "correct") input.value = said.value;
      input.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); } });
      form.append(input, button("take this value", "Enter", () => {}, "main"));
      form.addEventListener("submit", (event) => { event.preventDefault(); if (input.value.trim()) say("correct", input.value); });
      card.append(form);
    }
    const remark = el("input");
    remark.id = "remark";
    remark.placeholder = "remark (before you answer)";
    remark.setAttribute("aria-label", "remark");
    if (said) remark.value = said.remark;
    card.append(remark);
    draw(asked);
  };

  const pairs = (asked) => {
    const table = el("table");
    const head = el("tr");
    ["", "first", "second"].forEach((t) => head.append(el("th", t)));
    if (asked.kind !== "rule") table.append(head);
    asked.pairs.forEach(([label, left, right, says]) => {
      const line = el("tr");
      [label + (says ? " (" + says + ")" : ""), left, right].forEach((t) => line.append(el("td", t)));
      table.append(line);
    });
    return table;
  };

  at("save").addEventListener("click", () => {
    const person = at("person").value.trim();
    if (!person) { at("note").textContent = "Please say your name first."; at("person").focus(); return; }
    const body = { format: "idp-cdi answers", version: 1, made: data.made, person, saved_at: new Date().toISOString(), answers: [...answers.values()] };
    const link = el("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(body, null, 1)], { type: "application/json" }));
    link.download = "answers-" + person.replace(/[^\p{L}\p{N}]+/gu, "-") + ".json";
    link.click();
    URL.revokeObjectURL(link.href);
    unsaved = false;
    at("note").textContent = answers.size + " answers saved as " + link.download + "; now: idp-cdi review import " + link.download;
  });
  at("person").addEventListener("input", remember);
  const zoom = () => at("zoom").setAttribute("aria-pressed", at("sheet").classList.toggle("large"));
  at("zoom").addEventListener("click", zoom);
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  addEventListener("keydown", (event) => {
    if (/^(INPUT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "z") { zoom(); return; }
    const asked = data.questions[now];
    if (!asked) return;
    const actions = { a: "accept", n: "absent", u: "unsure", s: "same", d: "different", i: "ignore", r: "retry" };
    const action = actions[event.key.toLowerCase()];
    if (action && asked.choices.includes(action)) { event.preventDefault(); say(action); }
    else if (/^[1-9]$/.test(event.key) && asked.others && asked.others[event.key - 1]) say("correct", asked.others[event.key - 1].value);
    else if (event.key === "ArrowDown" && now + 1 < data.questions.length) { event.preventDefault(); show(now + 1); }
    else if (event.key === "ArrowUp" && now > 0) { event.preventDefault(); show(now - 1); }
  });
  show(Math.max(0, data.questions.findIndex((q) => !answers.has(q.id))));
})();
