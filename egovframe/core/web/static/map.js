// Turns the server's drawing into a map to move about in (Leaflet, no tiles), and lets people press the place they mean.
const SHAPES = { done: "M0-9 9 0 0 9-9 0Z", late: "M0-10 10 8H-10Z", wait: "M-8-8H8V8H-8Z" };
const CIRCLE = '<circle r="9"/>';

const symbol = (kind) => L.divIcon({
  className: `marker ${kind || "work"}`,
  html: `<svg viewBox="-12 -12 24 24">${SHAPES[kind] ? `<path d="${SHAPES[kind]}"/>` : CIRCLE}</svg>`,
  iconSize: [28, 28],
});

const words = (marker) => {
  const box = document.createElement("div");
  const title = document.createElement(marker.url ? "a" : "strong");
  title.textContent = marker.title;
  if (marker.url) title.href = marker.url;
  box.append(title);
  if (marker.text) {
    const line = document.createElement("div");
    line.textContent = marker.text;
    box.append(line);
  }
  return box;
};

const begin = async (canvas) => {
  if (!canvas.dataset.areas) return;
  const answer = await fetch(canvas.dataset.areas);
  if (!answer.ok) return;
  const areas = await answer.json();
  canvas.replaceChildren();
  canvas.classList.add("live");
  const map = L.map(canvas, { zoomControl: false, attributionControl: false, zoomSnap: 0.25 });
  L.control.zoom({ zoomInTitle: canvas.dataset.zoomIn, zoomOutTitle: canvas.dataset.zoomOut }).addTo(map);
  let number = 0;
  const layer = L.geoJSON(areas, {
    style: () => ({ className: `area a${number++ % 4}`, fillOpacity: 1, weight: 2, color: null, fillColor: null }),
    onEachFeature: (feature, shape) => {
      const name = document.createElement("span");
      name.textContent = feature.properties?.name || "";
      shape.bindTooltip(name, { permanent: true, direction: "center", className: "area-name", opacity: 1 });
    },
    interactive: false,
  }).addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [8, 8] });
  nameWhatHasRoom(map, layer);
  canvas.setAttribute("role", "group");
  canvas.setAttribute("aria-label", canvas.dataset.label);
  const markers = JSON.parse(canvas.dataset.markers);
  showMarkers(map, markers);
  if (markers.length === 1) map.setView([markers[0].lat, markers[0].lon], map.getZoom() + 1.5);
  if (canvas.dataset.latitude) pick(map, canvas);
};

// A name is shown where it fits into its area; moving closer brings the others.
const nameWhatHasRoom = (map, layer) => {
  const look = () => layer.eachLayer((shape) => {
    const box = shape.getBounds();
    const width = map.latLngToLayerPoint(box.getSouthEast()).x - map.latLngToLayerPoint(box.getNorthWest()).x;
    const name = shape.getTooltip()?.getElement();
    if (!name) return;
    name.hidden = false;
    name.hidden = name.offsetWidth > width;
  });
  map.on("zoomend", look);
  requestAnimationFrame(look);
};

// Near markers become one with a number; pressing it moves closer.
const showMarkers = (map, markers) => {
  const group = L.layerGroup().addTo(map);
  const draw = () => {
    group.clearLayers();
    const cells = new Map();
    for (const marker of markers) {
      const spot = map.latLngToLayerPoint([marker.lat, marker.lon]);
      const key = `${Math.round(spot.x / 48)}:${Math.round(spot.y / 48)}`;
      cells.set(key, [...(cells.get(key) || []), marker]);
    }
    for (const near of cells.values()) {
      const middle = (name) => near.reduce((sum, marker) => sum + marker[name], 0) / near.length;
      const at = [middle("lat"), middle("lon")];
      if (near.length === 1 || map.getZoom() >= 17) {
        for (const marker of near) {
          L.marker([marker.lat, marker.lon], { icon: symbol(marker.kind), alt: marker.title, title: marker.title })
            .bindPopup(words(marker)).addTo(group);
        }
      } else {
        const icon = L.divIcon({ className: "cluster", html: String(near.length), iconSize: [38, 38] });
        L.marker(at, { icon, alt: String(near.length) }).on("click", () => map.setView(at, map.getZoom() + 1.5)).addTo(group);
      }
    }
  };
  map.on("zoomend", draw);
  draw();
};

const pick = (map, canvas) => {
  const figure = canvas.closest("figure");
  const fields = [canvas.dataset.latitude, canvas.dataset.longitude].map((id) => document.getElementById(id));
  if (fields.some((field) => !field)) return;
  let marker;
  const put = (at) => {
    marker = marker ? marker.setLatLng(at) : L.marker(at, { icon: symbol("late"), keyboard: false }).addTo(map);
  };
  const choose = (at) => {
    put(at);
    fields[0].value = at.lat.toFixed(6);
    fields[1].value = at.lng.toFixed(6);
  };
  const typed = () => {
    const [lat, lng] = fields.map((field) => Number.parseFloat(field.value));
    if (Number.isFinite(lat) && Number.isFinite(lng) && Math.abs(lat) <= 90) put(L.latLng(lat, lng));
  };
  map.on("click", (event) => choose(event.latlng.wrap()));
  fields.forEach((field) => field.addEventListener("change", typed));
  typed();
  const hint = figure.querySelector("[data-needs-script]");
  if (hint) hint.hidden = false;
  const button = figure.querySelector("[data-locate]");
  if (!button || !navigator.geolocation || !isSecureContext) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
    const at = L.latLng(coords.latitude, coords.longitude);
    choose(at);
    map.setView(at, Math.max(map.getZoom(), 15));
  }));
};

addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-map]").forEach(begin));
