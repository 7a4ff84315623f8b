(function start(tries) {
  const figure = document.getElementById("__ID__");
  if (!figure) { // a notebook may run the script before it shows the figure
    if (tries < 600) requestAnimationFrame(() => start(tries + 1));
    return;
  }
  if (figure.dataset.ready) return;
  figure.dataset.ready = "yes";
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const image = figure.querySelector("img");
  const place = data.controls.map((control) => control.start);
  function show() {
    let frame = 0;
    data.controls.forEach((control, i) => { frame = frame * control.values.length + place[i]; });
    let svg = "";
    for (let runs = data.frames[frame], i = 0; i < runs.length; i += 2) { // where each starts, how long
      svg += data.pieces.slice(runs[i], runs[i] + runs[i + 1]).join("");
    }
    image.src = "data:image/svg+xml," + encodeURIComponent(svg);
    image.alt = data.alts[frame];
  }
  const controls = document.createElement("div");
  controls.className = "lc-controls";
  controls.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.3em 1.6em; margin-bottom: 0.5em";
  data.controls.forEach((control, i) => {
    const label = controls.appendChild(document.createElement("label"));
    label.append(control.label + " ");
    const words = control.kind === "words";
    const input = label.appendChild(document.createElement(words ? "select" : "input"));
    if (words) {
      control.values.forEach((value) => input.add(new Option(value)));
      input.selectedIndex = place[i];
    } else {
      Object.assign(input, { type: "range", min: 0, max: control.values.length - 1, step: 1 });
      input.value = place[i];
    }
    const output = words ? null : label.appendChild(document.createElement("output"));
    const tell = () => {
      if (words) return;
      output.textContent = " " + control.values[place[i]];
      input.setAttribute("aria-valuetext", control.values[place[i]]);
    };
    input.addEventListener("input", () => {
      place[i] = words ? input.selectedIndex : Number(input.value);
      tell();
      show();
    });
    tell();
  });
  figure.insertBefore(controls, image);
})(0);
