// A table of a page that has more rows than the page shows: sorted, searched and filtered here, with the choice kept in the address.
// Rows come from the script that `data-rows` names; every value is set as text, never as markup.
{
  const STEP = 50;
  const PARTS = ["text", "kind", "remark", "state", "href", "links"];
  const make = (tag, set = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), set);
    made.append(...inside);
    return made;
  };

  const serial = (digits) => make("code", { className: "serial" }, ...(digits.match(/.{1,4}/g) ?? []).map((four) => make("span", {}, four)));

  const chip = (text, state, sign) => {
    const made = make("span", { className: `chip ${state}` });
    if (sign) made.append(Object.assign(make("span", {}, sign), { ariaHidden: "true" }), " ");
    made.append(text);
    return made;
  };

  // A long name wraps behind dots, slashes, hyphens and underscores.
  const wrapping = (text) => text.split(/(?<=[./_-])(?=.)/).flatMap((piece, place) => (place ? [make("wbr"), piece] : [piece]));

  const shown = (cell, signs, head) => {
    const said = (text) => (head === "code" || head === "path" ? wrapping(text) : [text]);
    if (typeof cell === "string") return said(cell);
    const [text, kind, remark, state, href, links] = cell;
    if (kind === "link") return [make("a", { href }, ...said(text))];
    if (kind === "links") {
      const made = links.flatMap(([words, to], place) => [...(place ? [make("br")] : []), make("a", { href: to }, words)]);
      return remark ? [...made, " ", make("span", { className: "remark" }, remark)] : made;
    }
    if (kind === "chip") return [chip(text, state, signs[state])];
    if (kind === "serial") return [serial(text)];
    return [...said(text), " ", make("span", { className: `remark ${state}` }, remark)];
  };

  // What one part of the cells of a column is in a row; `texts` are the texts of the same column.
  const part = (told, texts) => {
    if (!told) return () => "";
    if ("all" in told) return () => told.all;
    if (told.of) return (row) => told.of[(told.at ?? texts.at)[row]];
    return told.begins || told.ends ? (row) => told.begins + told.rest[row] + told.ends : (row) => told.rest[row];
  };
  const readable = (column) => {
    const { text, kind, remark, state, href, links } = Object.fromEntries(PARTS.map((name) => [name, part(column.cells[name], column.cells.text)]));
    const get = (row) => (kind(row) ? [text(row), kind(row), remark(row), state(row), href(row), links(row)] : text(row));
    return { ...column, text, words: column.cells.remark ? (row) => `${text(row)} ${remark(row)}` : text, get };
  };

  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const MONTH = /^([A-Z][a-z]{2,}) (\d{4})\b/;
  const NUMBER = /^(\u2212?)\$?(\d[\d,]*(?:\.\d+)?)(?=[ %]|$)/;
  // What a text counts as when it is sorted: the number that it begins with, a month as one of all months. Words come after both.
  const worth = (text) => {
    const [, name, year] = text.match(MONTH) ?? [];
    const month = name ? MONTHS.findIndex((one) => one.startsWith(name)) : -1;
    if (month >= 0) return 12 * year + month;
    const [, minus, digits] = text.match(NUMBER) ?? [];
    return digits ? (minus ? -1 : 1) * digits.replaceAll(",", "") : Infinity;
  };
  // The place of each text among all of them; also in the middle of words 1,002 comes after 3.
  const ranked = (texts, kind) => {
    const order = new Intl.Collator("en", { numeric: kind !== "serial" });
    const keys = [...new Set(texts)].map((text) => [text, kind === "serial" ? Infinity : worth(text), text.replace(/(?<=\d),(?=\d{3})/g, "")]);
    keys.sort((one, other) => one[1] - other[1] || order.compare(one[2], other[2]));
    return new Map(keys.map(([text], rank) => [text, rank]));
  };

  const begin = (box, told) => {
    const columns = told.columns.map(readable);
    const total = told.rows;
    const anchor = told.anchors && part(told.anchors);
    const all = Array.from({ length: total }, (_, row) => row);
    let words; // of each row, once somebody searches
    const body = box.querySelector("tbody");
    const choice = { find: "", sort: "", page: 1 };
    // What the address remembers of a table that is not the main one of its page stands behind the name of the table.
    const own = "main" in box.dataset ? "" : `${box.dataset.rows.split("/").pop().replace(".rows.js", "")}.`;
    let rows = all;

    const matching = () => {
      const wanted = choice.find.toLowerCase().split(/\s+/).filter(Boolean);
      if (wanted.length) words ??= all.map((row) => columns.map((column) => column.words(row)).join("\n").toLowerCase());
      const chosen = columns.filter((column) => column.choose && choice[column.title]);
      return all.filter((row) => wanted.every((word) => words[row].includes(word)) && chosen.every((column) => column.text(row) === choice[column.title]));
    };

    const ordered = (found) => {
      const column = columns.find((one) => one.title === choice.sort.replace(/^-/, ""));
      if (!column) return found;
      const ranks = ranked(found.map((row) => column.text(row)), column.kind);
      const turn = choice.sort.startsWith("-") ? -1 : 1;
      return [...found].sort((one, other) => turn * (ranks.get(column.text(one)) - ranks.get(column.text(other))) || one - other);
    };

    const line = (row) =>
      make("tr", {}, ...columns.map((column, place) => {
        const cell = make(place ? "td" : "th", { className: column.kind }, ...shown(column.get(row), told.signs, column.kind));
        if (!place) cell.scope = "row";
        else if (told.things || told.lead !== null) cell.dataset.head = column.title;
        if (place && place === told.lead) cell.classList.add("counts");
        return cell;
      }));
    const row = (number) => {
      const made = line(number);
      if (anchor) made.id = anchor(number);
      made.classList.toggle("faint", told.faint.includes(number));
      return made;
    };

    const count = make("p", { className: "rows-shown" });
    count.setAttribute("role", "status");
    const back = make("button", { type: "button", textContent: "Back" });
    const on = make("button", { type: "button", textContent: "Next" });

    const remember = () => {
      const address = new URL(location.href);
      for (const [name, value] of Object.entries(choice)) {
        if (value && value !== 1) address.searchParams.set(own + name, value);
        else address.searchParams.delete(own + name);
      }
      try {
        history.replaceState(null, "", address);
      } catch {
        // a page opened from a folder keeps no address
      }
    };

    const draw = () => {
      const pages = Math.max(1, Math.ceil(rows.length / STEP));
      choice.page = Math.min(Math.max(1, choice.page), pages);
      const from = (choice.page - 1) * STEP;
      const now = rows.slice(from, from + STEP);
      body.replaceChildren(...now.map(row));
      const of = rows.length === total ? total.toLocaleString("en") : `${rows.length.toLocaleString("en")} found, of ${total.toLocaleString("en")}`;
      count.textContent = rows.length ? `${(from + 1).toLocaleString("en")} to ${(from + now.length).toLocaleString("en")} of ${of}` : `Nothing found, of ${total.toLocaleString("en")}`;
      back.disabled = choice.page === 1;
      on.disabled = choice.page === pages;
      box.querySelector("caption").hidden = Boolean(choice.sort); // it names the order in which the rows came
      sorts.value = choice.sort;
      for (const head of box.querySelectorAll("thead th")) {
        const sorted = choice.sort.replace(/^-/, "") === head.dataset.title;
        if (sorted) head.setAttribute("aria-sort", choice.sort.startsWith("-") ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      }
      remember();
    };
    const again = () => {
      rows = ordered(matching());
      draw();
    };
    const change = (name, value) => {
      choice[name] = value;
      choice.page = 1;
      again();
    };
    const turn = (pages) => {
      choice.page += pages;
      draw();
    };
    back.addEventListener("click", () => turn(-1));
    on.addEventListener("click", () => turn(1));

    const table = () => [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => column.words(row).trim()))];
    // A text that a spreadsheet would take for a formula gets ' in front, as in the files of the run.
    const safe = (text) => (/^[=+\-@\t\r\n\0]/.test(text) ? `'${text}` : text);
    const save = make("button", { type: "button", textContent: "Save as CSV" });
    save.addEventListener("click", () => {
      const text = table().map((cells) => cells.map((cell) => `"${safe(cell).replaceAll('"', '""')}"`).join(",")).join("\r\n");
      const link = make("a", { href: URL.createObjectURL(new Blob([`${text}\r\n`], { type: "text/csv" })), download: box.dataset.rows.split("/").pop().replace(".rows.js", ".csv") });
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const copy = make("button", { type: "button", textContent: "Copy" });
    copy.addEventListener("click", async () => {
      const text = table().map((cells) => cells.map((cell) => safe(cell).replace(/\s+/g, " ")).join("\t")).join("\n");
      try {
        await navigator.clipboard.writeText(text);
        count.textContent = `${rows.length.toLocaleString("en")} copied`;
      } catch {
        count.textContent = "The browser does not let this page copy. Save as CSV instead.";
      }
    });

    const search = make("input", { ariaLabel: "Search this table", type: "search", autocomplete: "off", spellcheck: false });
    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => change("find", search.value), 120);
    });
    const lists = columns.filter((column) => column.choose).map((column) => {
      const seen = new Map();
      for (const row of all) {
        const text = column.text(row);
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
      const values = [...ranked(seen.keys(), column.kind).keys()].map((text) => [text, seen.get(text)]);
      const list = make("select", { ariaLabel: column.title }, make("option", { value: "", textContent: "All" }), ...values.map(([value, number]) => make("option", { value, textContent: `${value} (${number.toLocaleString("en")})` })));
      list.addEventListener("change", () => change(column.title, list.value));
      return { column, list };
    });
    // On a phone the heads of the columns are not on the screen.
    const sorts = make("select", { ariaLabel: "Sort" }, make("option", { value: "", textContent: "As listed" }), ...columns.flatMap(({ title }) => [
      make("option", { value: title, textContent: `${title}, ascending` }),
      make("option", { value: `-${title}`, textContent: `${title}, descending` }),
    ]));
    sorts.addEventListener("change", () => change("sort", sorts.value));
    const tools = make("div", { className: "tools" },
      make("label", {}, "Search ", search),
      ...lists.map(({ column, list }) => make("label", {}, `${column.title} `, list)),
      make("label", { className: "sorts" }, "Sort ", sorts),
      make("span", { className: "acts" }, save, copy));
    box.querySelector(".tools").replaceWith(tools, count);
    box.append(make("p", { className: "turn" }, back, on));

    box.querySelectorAll("thead th").forEach((head, place) => {
      head.dataset.title = columns[place].title;
      const button = make("button", { type: "button", textContent: head.textContent });
      button.addEventListener("click", () => change("sort", choice.sort === columns[place].title ? `-${columns[place].title}` : columns[place].title));
      head.replaceChildren(button);
    });

    const asked = new URL(location.href).searchParams;
    search.value = choice.find = asked.get(`${own}find`) ?? "";
    choice.sort = asked.get(`${own}sort`) ?? "";
    choice.page = Number.parseInt(asked.get(`${own}page`) ?? "1", 10) || 1;
    for (const { column, list } of lists) {
      list.value = asked.get(own + column.title) ?? "";
      choice[column.title] = list.value;
    }
    again();

    // An address that ends in the name of a row shows that row, wherever it stands.
    const visit = () => {
      const wanted = decodeURIComponent(location.hash.slice(1));
      const place = anchor && wanted ? rows.findIndex((number) => anchor(number) === wanted) : -1;
      if (place < 0) return;
      choice.page = Math.floor(place / STEP) + 1;
      draw();
      const asked = body.rows[place % STEP];
      asked.classList.add("asked");
      asked.scrollIntoView();
    };
    addEventListener("hashchange", visit);
    visit();
  };

  window.certledgerRows = (text) => begin(document.querySelector(`[data-rows="${document.currentScript.getAttribute("src")}"]`), JSON.parse(text));
  for (const box of document.querySelectorAll("[data-rows]")) document.head.append(make("script", { src: box.dataset.rows }));
}
