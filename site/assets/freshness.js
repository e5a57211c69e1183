// Says at the head of a page that no run has made it anew for longer than the office allows: the reader's day against that of the books.
const stamp = document.querySelector(".stamp[data-as-of]");
if (stamp) {
  const [year, month, day] = stamp.dataset.asOf.split("-").map(Number);
  const now = new Date();
  const days = Math.round((Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) - Date.UTC(year, month - 1, day)) / 86400000);
  const limit = Number(stamp.dataset.staleAfter);
  if (limit && days > limit) {
    const note = document.createElement("p");
    note.className = "stale";
    note.setAttribute("role", "status");
    note.textContent = `Not updated for ${days} days.`;
    document.querySelector("article").prepend(note);
  }
}
