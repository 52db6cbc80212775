/* The review of a report: answers by key, kept over a reload, saved as a table
 * that wx-label reads. Text from the page is only ever compared and joined. */
(function () {
  "use strict";
  var list = document.getElementById("review-list");
  if (!list) return;
  var clips = Array.prototype.slice.call(list.querySelectorAll(".clip"));
  var file = list.dataset.file, store = "wxset " + file;
  var status = document.getElementById("review-status");
  var answers = {}, saved = "", current = 0, kept = true;

  function load() {
    try {
      var text = window.localStorage.getItem(store);
      var old = text ? JSON.parse(text) : {};
      clips.forEach(function (clip, i) {
        var a = old[clip.dataset.row];
        if (a && typeof a === "object") answers[i] = a;
      });
    } catch (e) { kept = false; }
  }
  function keep() {
    var all = {};
    Object.keys(answers).forEach(function (i) { all[clips[i].dataset.row] = answers[i]; });
    try { window.localStorage.setItem(store, JSON.stringify(all)); kept = true; } catch (e) { kept = false; }
  }
  /* The words of a track: see "A person's ear" in wx-label(1). */
  function words(a) {
    if (!a) return "";
    if (a.unknown || a.speech) return "unknown";
    var w = [];
    if (a.rain) w.push("rain=" + a.rain);
    if (a.wind) w.push("wind=" + a.wind);
    return w.join(" ");
  }
  function table() {
    var lines = [list.dataset.head + "\tSpeech"];
    clips.forEach(function (clip, i) {
      if (words(answers[i])) lines.push(clip.dataset.row + words(answers[i]) + "\t" + (answers[i].speech ? "yes" : ""));
    });
    return lines.join("\n") + "\n";
  }
  function count() { return clips.filter(function (c, i) { return words(answers[i]); }).length; }
  function show(i) {
    var a = answers[i] || {}, clip = clips[i];
    clip.classList.toggle("done", words(a) !== "");
    Array.prototype.forEach.call(clip.querySelectorAll("button[data-slot]"), function (b) {
      b.setAttribute("aria-pressed", String(String(a[b.dataset.slot] || "") === b.dataset.value));
    });
    clip.querySelector(".answer").textContent = words(a) ? "Answered: " + (a.speech ? "speech" : words(a)) : "";
  }
  function tell() {
    var n = count();
    document.getElementById("save-speech").hidden = !speech();
    status.textContent = n + " of " + clips.length + " answered" +
      (n && table() !== saved ? (kept ? ", not saved yet" : ", not saved yet, and this browser keeps nothing over a reload") : "");
  }
  function go(i) {
    if (i < 0 || i >= clips.length) return;
    current = i;
    clips[i].focus({ preventScroll: true });
    clips[i].scrollIntoView({ block: "nearest" });
  }
  function answer(i, slot, value) {
    var a = answers[i] || {}, had = a[slot] === value;
    if (slot === "unknown" || slot === "speech") a = {};
    else { delete a.unknown; delete a.speech; }
    if (had) delete a[slot]; else a[slot] = value;
    if (words(a)) answers[i] = a; else delete answers[i];
    keep(); show(i); tell();
    return !had;
  }
  function complete(i) {
    var a = answers[i];
    if (!a) return false;
    if (a.unknown || a.speech) return true;
    return ["rain", "wind"].every(function (s) { return a[s] || !clips[i].querySelector('button[data-slot="' + s + '"]'); });
  }
  function play(i) {
    var audio = clips[i].querySelector("audio");
    Array.prototype.forEach.call(document.querySelectorAll("audio"), function (other) { if (other !== audio) other.pause(); });
    if (audio && audio.paused) { audio.currentTime = 0; var p = audio.play(); if (p) p.catch(function () {}); }
    else if (audio) audio.pause();
  }
  /* Lines of the archive's speech.txt. */
  function speech() {
    return clips.filter(function (c, i) { return answers[i] && answers[i].speech; })
      .map(function (c) { return "speech " + c.dataset.capture + "\n"; }).join("");
  }
  function give(name, text) {
    var a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    a.download = name;
    document.body.appendChild(a);
    a.click();
    a.remove();
    setTimeout(function () { URL.revokeObjectURL(a.href); }, 10000);
  }
  function save() {
    saved = table();
    give(file, saved);
    status.textContent = count() + " answers saved as " + file + ": move it into tracks/ of the archive and run wx-label";
  }
  clips.forEach(function (clip, i) {
    clip.addEventListener("focusin", function () { current = i; });
    clip.addEventListener("click", function (e) {
      var b = e.target.closest("button[data-slot]");
      if (b) answer(i, b.dataset.slot, b.dataset.value);
    });
  });
  document.getElementById("save").addEventListener("click", save);
  document.getElementById("save-speech").addEventListener("click", function () {
    give(file.replace("heard-", "speech-"), speech());
    status.textContent = "Append its lines to speech.txt of the archive, then run wx-align";
  });
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    var here = document.activeElement, inside = here && here.closest && here.closest(".clip");
    if (e.key === "j" || e.key === "k") { go(inside ? current + (e.key === "j" ? 1 : -1) : current); e.preventDefault(); return; }
    if (!inside) return;
    if (e.key === " " && here === inside) { play(current); e.preventDefault(); return; }
    var why = inside.querySelector("details.why");
    if (e.key === "e" && why) { why.open = !why.open; e.preventDefault(); return; }
    if (e.key === "Backspace") { delete answers[current]; keep(); show(current); tell(); e.preventDefault(); return; }
    var b = Array.prototype.find.call(inside.querySelectorAll("button[data-key]"), function (x) { return x.dataset.key === e.key; });
    if (!b) return;
    e.preventDefault();
    if (answer(current, b.dataset.slot, b.dataset.value) && complete(current)) go(current + 1);
  });
  window.addEventListener("beforeunload", function (e) { if (!kept && count() && table() !== saved) e.preventDefault(); });
  load();
  clips.forEach(function (clip, i) { show(i); });
  tell();
})();
