// Before the first paint, and so no module: the colours that a person chose.
const kept = localStorage.getItem("record.theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
