"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (id) => document.getElementById(id);
  const audio = element("audio");
  const solutions = data.solutions;
  // As in the page of `pymoo-moss single`: there is nothing to choose from.
  const alone = solutions.length === 1;
  const sounding = solutions.flatMap((solution, index) => (solution.audio ? [index] : []));
  const views = [
    ["heard", "sound as exported"],
    ["blend", "target blend"],
    ["original", "original sound"],
    ["picture", "picture as sound"],
  ];
  const state = { chosen: Object.values(data.picks)[0], view: "heard", original: false, source: null, time: 0 };

  // ---- sound -------------------------------------------------------------------------------------
  const addresses = new Map();

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  function address(key, base64) {
    if (!addresses.has(key)) addresses.set(key, URL.createObjectURL(new Blob([bytes(base64)], { type: "audio/ogg" })));
    return addresses.get(key);
  }

  /** What is heard: the original, the chosen solution, or the nearest one whose sound the page carries. */
  function heard() {
    if (state.original || !sounding.length) return "original";
    return sounding.reduce((best, index) =>
      Math.abs(index - state.chosen) < Math.abs(best - state.chosen) ? index : best);
  }

  function load() {
    const key = heard();
    if (state.source === key) return;
    const playing = !audio.paused;
    audio.src = address(key, key === "original" ? data.original.audio : solutions[key].audio);
    state.source = key;
    if (playing) play();
  }

  function play() {
    // Another sound may be wanted before this one has begun.
    audio.play().catch((error) => { if (error.name !== "AbortError") throw error; });
  }

  function toggle() {
    if (audio.paused) play(); else audio.pause();
  }

  // The place in the song is kept here, because a sound that is being loaded is at its beginning.
  audio.addEventListener("loadedmetadata", () => { audio.currentTime = Math.min(state.time, audio.duration || state.time); });
  audio.addEventListener("timeupdate", () => { if (audio.readyState >= 2 && !audio.seeking) state.time = audio.currentTime; });

  function clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  function movePlayhead() {
    const share = Math.min(1, audio.currentTime / data.seconds);
    element("playhead").style.left = `${100 * share}%`;
    element("clock").textContent = `${clock(audio.currentTime)} / ${clock(data.seconds)}`;
    if (!audio.paused) requestAnimationFrame(movePlayhead);
  }

  for (const event of ["play", "pause", "ended"]) {
    audio.addEventListener(event, () => {
      element("play").textContent = audio.paused ? "\u25b6 Play" : "\u275a\u275a Pause";
      movePlayhead();
    });
  }
  for (const event of ["seeked", "timeupdate"]) audio.addEventListener(event, movePlayhead);

  // ---- what is shown -------------------------------------------------------------------------------
  const folder = (solution) => String(solution.number).padStart(3, "0");

  /** The wanted view; of a solution without a sound, its blend. */
  function viewed() {
    if (state.original) return "original";
    return state.view === "heard" && !solutions[state.chosen].heard ? "blend" : state.view;
  }

  function spectrogramOf(view) {
    if (view === "original" || view === "picture") return data[view].spectrogram;
    return solutions[state.chosen][view];
  }

  function roles() {
    if (alone) return "";
    return Object.keys(data.picks).filter((name) => data.picks[name] === state.chosen).join(", ");
  }

  /** What is seen and heard, in words. */
  function describe() {
    if (state.original) return "You see and hear the song alone.";
    if (alone) return "You see and hear the sound with the picture.";
    const place = `${state.chosen + 1} of ${solutions.length} from best picture to best sound`;
    return `You see and hear: ${roles() || "in between"} (${place}).`;
  }

  function describeValues() {
    const solution = solutions[state.chosen];
    const value = (values, column) => (values[column] == null ? "-" : values[column].toFixed(3));
    const parts = data.objectives.map((name, column) => {
      const target = `${name} ${value(solution.F, column)}`;
      return solution.heardF && solution.heardF[column] != null ? `${target}, in the sound ${value(solution.heardF, column)}` : target;
    });
    if (solution.ssim != null) parts.push(`SSIM with the picture ${solution.ssim.toFixed(3)}, in the sound ${solution.heardSsim.toFixed(3)}, in this page's copy ${solution.carriedSsim.toFixed(3)}`);
    if (alone) return `The only solution: ${parts.join("; ")}.`;
    return `Solution ${folder(solution)}${roles() ? ` (${roles()})` : ""}: ${parts.join("; ")}.`;
  }

  /** Which sound is heard, if it is another one, and what the page's copy of it has lost. */
  function describeSound() {
    const key = heard();
    if (key === "original") return state.original ? "" : "This page carries the original sound alone.";
    const solution = solutions[key];
    const nearest = key === state.chosen ? "" : `Only ${sounding.length} sounds are in this page: you hear the nearest, solution ${folder(solution)}, and see this one's blend. `;
    return `${nearest}This page plays a compressed copy${data.files[key] ? `; the file without loss is ${data.files[key]}` : ""}.`;
  }

  function show() {
    const solution = solutions[state.chosen];
    const view = viewed();
    element("spectrogram").src = spectrogramOf(view);
    element("spectrogram").alt = `Spectrogram: ${views.find(([name]) => name === view)[1]}`;
    element("mask").src = solution.mask;
    element("blend").src = solution.blend;
    element("slider").value = state.chosen;
    element("slider").setAttribute("aria-valuetext", `solution ${folder(solution)} ${roles()}`.trim());
    element("status").textContent = describe();
    element("values").textContent = describeValues();
    element("compare").textContent = state.original ? "Hear it with the picture" : "Hear the song alone";
    for (const button of element("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    for (const button of element("picks").children) button.setAttribute("aria-pressed", String(Number(button.dataset.index) === state.chosen));
    element("compare").setAttribute("aria-pressed", String(state.original));
    element("carried").textContent = describeSound();
    load();
    markChosen();
  }

  function choose(index) {
    state.chosen = Math.max(0, Math.min(solutions.length - 1, index));
    state.original = false;
    show();
  }

  function compare() {
    state.original = !state.original;
    show();
  }

  // ---- plots ----------------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const settings = { responsive: true, displayModeBar: false, scrollZoom: false };

  function layout(extra) {
    const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true, fixedrange: true };
    return {
      margin: { l: 55, r: 10, t: 10, b: 45 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colour("text"), family: "system-ui, sans-serif", size: 13 }, hovermode: "closest", dragmode: false,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: { ...axis, title: { text: data.axes[0] } }, yaxis: { ...axis, title: { text: data.axes[1] } }, ...extra,
    };
  }

  function drawFront() {
    const traces = [];
    if (data.bound) traces.push({ x: data.bound.x, y: data.bound.y, name: "certified bound", mode: "lines", line: { color: colour("text"), width: 1, dash: "dot" }, hoverinfo: "skip" });
    traces.push({ x: data.sweep.x, y: data.sweep.y, name: "constant masks", mode: "lines", line: { color: colour("sweep"), dash: "dash", width: 1.5 }, hoverinfo: "skip" });
    if (data.seeds) traces.push({ x: data.seeds.x, y: data.seeds.y, name: "gradient seeds", mode: "markers", marker: { color: colour("seeds"), symbol: "diamond", size: 8 }, hoverinfo: "skip" });
    traces.push({ x: data.front.x, y: data.front.y, name: "whole front", mode: data.objectives.length === 2 ? "lines" : "markers", line: { color: colour("front"), width: 1 }, marker: { color: colour("front"), size: 3 }, hoverinfo: "skip" });
    traces.push({
      x: solutions.map((solution) => solution.F[0]), y: solutions.map((solution) => solution.F[1]), name: "front",
      customdata: solutions.map((_, index) => index), mode: "markers",
      marker: { color: colour("front"), size: solutions.map((solution) => (solution.audio ? 10 : 5)) },
      hovertemplate: "%{x:.3f}, %{y:.3f}<extra></extra>",
    });
    traces.push({ x: [], y: [], name: "chosen", mode: "markers", marker: { color: colour("chosen"), size: 16, symbol: "circle-open", line: { width: 3 } }, hoverinfo: "skip" });
    Plotly.react("front", traces, layout(), settings);
    markChosen();
  }

  function markChosen() {
    const plot = element("front");
    if (!plot.data) return;
    const [x, y] = solutions[state.chosen].F;
    Plotly.restyle(plot, { x: [[x]], y: [[y]] }, [plot.data.length - 1]);
  }

  // ---- evolution --------------------------------------------------------------------------------------
  const moments = data.evolution;
  let timer = null;

  function drawMoment(number) {
    const moment = moments[number];
    const trace = { x: moment.x, y: moment.y, mode: "markers", marker: { color: colour(moment.seeding ? "seeds" : "front"), size: 7, symbol: moment.seeding ? "diamond" : "circle" }, hoverinfo: "skip" };
    const range = data.evolutionRange;
    const fixed = layout({ showlegend: false });
    fixed.xaxis.range = range[0];
    fixed.yaxis.range = range[1];
    Plotly.react("evolution", [trace], fixed, settings);
    element("scrub").value = number;
    element("moment").textContent = moment.caption;
  }

  function stopEvolution() {
    clearInterval(timer);
    timer = null;
    element("evolve").textContent = "\u25b6 Play";
  }

  function evolve() {
    if (timer) return stopEvolution();
    let number = Number(element("scrub").value);
    if (number >= moments.length - 1) number = -1;
    element("evolve").textContent = "\u275a\u275a Pause";
    timer = setInterval(() => {
      number += 1;
      drawMoment(number);
      if (number >= moments.length - 1) stopEvolution();
    }, 90);
  }

  // ---- downloads ----------------------------------------------------------------------------------------
  const fileName = (key) => (key === "original" ? "original" : `solution-${folder(solutions[key])}`);

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function downloadPng() {
    const image = element("spectrogram"), canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    const view = viewed();
    const name = view === "original" || view === "picture" ? view : `${fileName(state.chosen)}-${view}`;
    canvas.toBlob((blob) => save(blob, `${name}.png`));
  }

  /** The sound that the page carries; the lossless one is in the run's folder. */
  async function downloadWav() {
    const key = heard();
    const encoded = bytes(key === "original" ? data.original.audio : solutions[key].audio);
    const context = new OfflineAudioContext(1, 1, data.sampleRate);
    const samples = (await context.decodeAudioData(encoded.buffer)).getChannelData(0);
    const file = new DataView(new ArrayBuffer(44 + 2 * samples.length));
    const text = (at, word) => [...word].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)));
    text(0, "RIFF"); file.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
    file.setUint32(16, 16, true); file.setUint16(20, 1, true); file.setUint16(22, 1, true);
    file.setUint32(24, data.sampleRate, true); file.setUint32(28, 2 * data.sampleRate, true);
    file.setUint16(32, 2, true); file.setUint16(34, 16, true); text(36, "data"); file.setUint32(40, 2 * samples.length, true);
    samples.forEach((value, index) => file.setInt16(44 + 2 * index, Math.max(-1, Math.min(1, value)) * 32767, true));
    save(new Blob([file.buffer], { type: "audio/wav" }), `${fileName(key)}.wav`);
  }

  // ---- the page -----------------------------------------------------------------------------------------
  function button(parent, label, onClick, dataset) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    Object.assign(made.dataset, dataset);
    made.addEventListener("click", onClick);
    parent.append(made);
  }

  function mark(parent, label, style, className) {
    const made = document.createElement(parent.tagName === "OL" ? "li" : "span");
    made.textContent = label;
    Object.assign(made.style, style);
    if (className) made.className = className;
    parent.append(made);
  }

  function drawAxes() {
    for (const [position, label] of data.frequencies) mark(element("frequencies"), label, { bottom: `${100 * position}%` });
    mark(element("frequencies"), "kHz", {}, "unit");
    for (const [seconds, label] of data.times) mark(element("times"), label, { left: `${(100 * seconds) / data.seconds}%` });
    mark(element("times"), "seconds", {}, "unit");
    element("colours").firstElementChild.style.background = `linear-gradient(to top, ${data.colours.join(",")})`;
    for (const share of [0, 0.5, 1]) mark(element("colours").lastElementChild, `${Math.round(data.lowest * (1 - share))} dB`, { bottom: `${100 * share}%` });
  }

  for (const [name, index] of Object.entries(data.picks)) button(element("picks"), name, () => choose(index), { index });
  for (const [name, label] of views) {
    button(element("views"), label, () => {
      state.original = name === "original";
      if (!state.original) state.view = name;
      show();
    }, { view: name });
  }
  for (const [name, value] of data.facts) {
    const row = element("facts").insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = value;
  }
  element("target").src = data.picture.image;
  element("slider").max = solutions.length - 1;
  element("slider").addEventListener("input", (event) => choose(Number(event.target.value)));
  element("play").addEventListener("click", toggle);
  element("compare").addEventListener("click", compare);
  element("wav").addEventListener("click", downloadWav);
  element("png").addEventListener("click", downloadPng);
  element("volume").addEventListener("input", (event) => { audio.volume = Number(event.target.value); });
  element("plane").addEventListener("click", (event) => {
    const box = element("plane").getBoundingClientRect();
    state.time = (data.seconds * (event.clientX - box.left)) / box.width;
    audio.currentTime = state.time;
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const inRange = event.target.matches("input");
    if (event.key === "ArrowLeft" && !inRange) choose(state.chosen - 1);
    else if (event.key === "ArrowRight" && !inRange) choose(state.chosen + 1);
    else if (event.key === " " && !event.target.matches("button:focus-visible, summary")) toggle();
    else if (event.key === "o" || event.key === "O") compare();
    else return;
    event.preventDefault();
  });
  function redraw() {
    if (!element("research").open) return;
    drawFront();
    if (moments.length) drawMoment(Number(element("scrub").value));
  }
  element("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
      || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  // In a rectangle the picture has its own shape.
  if (data.shape) element("plane").parentElement.style.maxWidth = `calc(var(--height) * ${data.shape} + 6.4rem)`;
  audio.volume = 0.8;
  drawAxes();
  if (moments.length) {
    element("scrub").max = moments.length - 1;
    element("scrub").value = moments.length - 1;
    element("scrub").addEventListener("input", (event) => { stopEvolution(); drawMoment(Number(event.target.value)); });
    element("evolve").addEventListener("click", evolve);
  } else {
    element("evolution-section").hidden = true;
  }
  for (const id of ["along", "picks", "along-keys"]) element(id).hidden = alone;
  show();
  // Plots have no size while they are folded away.
  element("research").addEventListener("toggle", () => {
    if (!element("research").open) return;
    const begun = element("front").data;
    redraw();
    if (begun) return;
    element("front").on("plotly_click", (event) => {
      const point = event.points.find(({ customdata }) => customdata !== undefined);
      if (point) choose(point.customdata);
    });
  });
  movePlayhead();
})();
