// /f/NAME.js: puts the form where this script stands in a page of somebody else. When it is sent, the page's address without its query goes along, and of the query utm_…
// alone, as far as t.js may tell of the reader: where the playbook asks for consent only after it (nv_consent is t.js's word), never under Global Privacy Control.
(function (s, d, n) {
	var asks = $ASKS$;
	function may() {
		var said = null;
		try { said = localStorage.getItem("nv_consent"); } catch (e) {}
		return !n.globalPrivacyControl && (said === "1" || (said === null && !asks));
	}
	function put(form, name, value) {
		var control = d.createElement("input");
		control.type = "hidden";
		control.name = "form-page." + name;
		control.value = value;
		form.appendChild(control);
	}
	function tell(form) {
		form.querySelectorAll('input[name^="form-page."]').forEach(function (control) { control.remove(); });
		if (!may()) return;
		put(form, "address", location.href.replace(/[?#].*$/, "").slice(0, 1000));
		location.search.slice(1).split("&").forEach(function (pair) {
			var m = /^(utm_(?:source|medium|campaign|term|content))=(.*)$/.exec(pair);
			try { if (m) put(form, m[1], decodeURIComponent(m[2].replace(/\+/g, " ")).slice(0, 200)); } catch (e) {}
		});
	}
	fetch($URL$, { credentials: "omit" }).then(function (r) { if (!r.ok) throw r.status; return r.text(); }).then(function (text) {
		var place = d.createElement("div");
		place.innerHTML = text;
		place.querySelector("form").addEventListener("submit", function () { tell(this); });
		s.parentNode.insertBefore(place, s);
	});
})(document.currentScript, document, navigator);
