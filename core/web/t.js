// /t.js: what a page of the company's site loads to tell which of its pages somebody reads, and for how long.
//
//   <script async src="https://go.example.com/t.js"></script>
//   (window.nurture = window.nurture || []).push(["consent", true])      the reader said yes (false: no, and what is kept here is dropped)
//   window.nurture.push(["identify", TOKEN])                            who has logged in; the site's server gets TOKEN from /v1/leads/…/identify
//   window.nurture.push(["track", "demo.request", "subject", value])    an event of the playbook's own
//   window.nurture.push(["page", "/path"])                              another page of a site that loads none
//
// Says nothing before consent where the playbook asks for it, and never where the browser asks not to be followed (Global Privacy
// Control). Sends page.view with title, referrer and utm_…; page.time with the seconds that the page was to be seen. Stores its own word
// about consent, nothing else: the cookie is the server's, out of reach of scripts. No parameters of addresses but utm_….
(function (w, d, n) {
	var asks = $ASKS$, base = (d.currentScript || {}).src || "", path, since, seconds = 0, said = null, waiting = [];
	base = base.replace(/\/t\.js([?#].*)?$/, "");
	if (!base || n.globalPrivacyControl) { w.nurture = { push: function () {} }; return; }
	try { said = localStorage.getItem("nv_consent"); } catch (e) {}
	function may() { return said === "1" || (said === null && !asks); }
	function send(what) {
		if (!may()) return;
		if (said === "1") what.consent = true;
		var text = JSON.stringify(what);
		if (!(n.sendBeacon && n.sendBeacon(base + "/b", text)))
			fetch(base + "/b", { method: "POST", body: text, mode: "no-cors", credentials: "include", keepalive: true }).catch(function () {});
	}
	function now() { return (w.performance || Date).now(); }
	function plain(url) { return url.replace(/[?#].*$/, "").slice(0, 500); }
	function count() {
		if (since !== undefined) seconds += (now() - since) / 1000;
		since = d.visibilityState === "hidden" ? undefined : now();
	}
	function left() {
		count();
		var whole = Math.round(seconds);
		if (path !== undefined && whole >= 1) send({ events: [{ verb: "page.time", subject: path, value: whole }] });
		seconds = 0;
	}
	function view(to) {
		left();
		var data = { site: location.host, title: d.title.slice(0, 200) }, from = d.referrer;
		if (path === undefined && from && from.indexOf(location.origin + "/") !== 0) data.referrer = plain(from);
		location.search.slice(1).split("&").forEach(function (pair) {
			var m = /^(utm_(?:source|medium|campaign|term|content))=(.*)$/.exec(pair);
			try { if (m) data[m[1]] = decodeURIComponent(m[2].replace(/\+/g, " ")).slice(0, 200); } catch (e) {}
		});
		path = plain(to || location.pathname);
		send({ events: [{ verb: "page.view", subject: path, data: data }] });
	}
	var words = {
		consent: function (yes) {
			var before = may();
			said = yes ? "1" : "0";
			try { localStorage.setItem("nv_consent", said); } catch (e) {}
			if (yes && !before) { path = undefined; seconds = 0; view(); }
			if (!yes) fetch(base + "/b", { method: "POST", body: '{"consent":false}', mode: "no-cors", credentials: "include" }).catch(function () {});
		},
		identify: function (token) { send({ identify: "" + token }); },
		track: function (verb, subject, value, data) { send({ events: [{ verb: verb, subject: subject, value: value, data: data }] }); },
		page: view
	};
	function push(call) { if (words.hasOwnProperty(call[0])) words[call[0]].apply(null, [].slice.call(call, 1)); }
	if (w.nurture && w.nurture.forEach) waiting = w.nurture;
	w.nurture = { push: push };
	d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") left(); else count(); });
	w.addEventListener("pagehide", left);
	w.addEventListener("pageshow", function (e) { if (e.persisted) { since = undefined; view(path); } });  // back to a page that was kept whole
	count();
	view();
	waiting.forEach(push);
})(window, document, navigator);
