"use strict";
// One call at a time, by the keyboard alone: Alt+N next, Alt+D dial, Tab through the questions, Alt+S save, Alt+G give back.
const $ = id => document.getElementById(id);
const agent = document.querySelector("meta[name=agent]"), supervises = ["supervisor", "admin"].includes(agent.dataset.role);
let call = null, lost = false, beat = 0, csrf = document.querySelector("meta[name=csrf]").content;

function element(tag, text, attributes) {
	const made = document.createElement(tag);
	if (text !== undefined && text !== null)
		made.textContent = text;
	for (const [name, value] of Object.entries(attributes || {}))
		made.setAttribute(name, value);
	return made;
}

// Who signed in again in another tab has another session there and here, and this page the word of the old one: it takes the new one, and what is typed stays. Not when somebody else
// signed in: what is done here would be done in their name. "" = do it again; a sentence = why not; undefined = the word was not what was wrong.
async function renew() {
	const answer = await fetch("agent", { credentials: "same-origin" });
	const page = answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
	const now = page && page.querySelector("meta[name=csrf]"), who = page && page.querySelector("meta[name=agent]");
	if (!now || !who)
		return "You are not signed in any more, and this is not saved.";
	if (who.content !== agent.content)
		return who.content + " has signed in in another tab, and this is not saved: sign in as " + agent.content + " there.";
	const same = csrf === now.content;
	csrf = now.content;
	return same ? undefined : "";
}

async function send(path, body) {
	const headers = { "Content-Type": "application/json" };
	if (csrf)
		headers["X-CSRF-Token"] = csrf;
	const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body || {}), credentials: "same-origin" });
	return { ok: answer.ok, status: answer.status, said: await answer.json().catch(() => ({})) };
}

async function post(path, body) {
	try {
		let answer = await send(path, body);
		const wrong = [401, 403].includes(answer.status) ? await renew() : null;
		if (wrong === "")
			answer = await send(path, body);
		else if (wrong)
			answer.said.detail = wrong;
		$("signin").hidden = !wrong;
		return answer;
	} catch {
		return { ok: false, status: 0, said: { detail: "The server cannot be reached: nothing was saved. Try again." } };
	}
}

function say(text) {
	$("said").textContent = text;
}

// ---- what is shown ----

function heading(text) {
	return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

// The spoken words, by their headings.
function sections(words) {
	const found = new Map();
	let name = "";
	for (const line of (words || "").split("\n")) {
		const head = line.match(/^#+\s*(.+)$/);
		if (head)
			name = heading(head[1]);
		else
			found.set(name, (found.get(name) || "") + line + "\n");
	}
	return found;
}

function spoken(words, ...names) {
	for (const name of names)
		if (name && words.has(heading(name)))
			return words.get(heading(name)).trim();
	return "";
}

function put(id, text) {
	$(id).textContent = text;
	$(id).hidden = !text;
}

function date(text) {
	return new Date(text).toLocaleString();
}

function showWho(sheet) {
	const fields = sheet.lead.fields, company = sheet.account && sheet.account.fields.name || fields.company || "";
	put("name", call.name || fields.email || "Lead " + call.lead);
	put("place", [fields.title, company, fields.city, sheet.place.country].filter(Boolean).join(" · "));
	$("dial").href = call.dial;
	$("dial").textContent = call.phone;
	$("fields").replaceChildren();
	for (const [name, value] of Object.entries(fields))
		if (!["first_name", "last_name", "phone", "title", "company", "city"].includes(name))
			$("fields").append(element("dt", name.replaceAll("_", " ")), element("dd", String(value)));
}

function showWhy(sheet) {
	const grades = Object.entries(sheet.grades).map(([name, g]) => name + " " + g.grade).join(", ");
	const scores = Object.entries(sheet.scores).map(([name, points]) => name + " " + points).join(", ");
	put("why", [call.campaign + ", step " + call.step, call.priority + " priority", grades, scores].filter(Boolean).join(" · "));
	$("receipt").replaceChildren();
	for (const model of sheet.receipt)
		for (const rule of model.rules)
			if (rule.points)
				$("receipt").append(element("li", model.title + ": " + rule.points + " for " + rule.rule + " (" + rule.because + ")"));
	$("timeline").replaceChildren();
	for (const event of sheet.timeline)
		$("timeline").append(element("li", date(event.at) + " " + event.verb + " " + (event.title || event.subject)));
}

// ---- questions ----

const PERSON = [["first_name", "First name"], ["last_name", "Last name"], ["email", "E-mail"], ["phone", "Telephone"]];

// Who else: a row for each, and one more is a button away.
function addPerson(box, focus) {
	const row = element("div", null, { class: "person", role: "group", "aria-label": "Person " + (box.querySelectorAll(".person").length + 1) });
	for (const [name, label] of PERSON) {
		const field = element("label", label + " ");
		field.append(element("input", null, { type: "text", name, maxlength: "200" }));
		row.append(field);
	}
	box.insertBefore(row, box.lastChild);
	if (focus)
		row.querySelector("input").focus();
}

function peopleInput(question, id) {
	const box = element("div", null, { id, role: "group", "aria-label": question.ask, tabindex: "-1" }), more = element("button", "One more", { type: "button" });
	more.addEventListener("click", () => addPerson(box, true));
	box.append(more);
	addPerson(box, false);
	return box;
}

function peopleOf(box) {
	return [...box.querySelectorAll(".person")].map(row => Object.fromEntries(
		[...row.querySelectorAll("input")].map(field => [field.name, field.value.trim()]).filter(([, value]) => value))).filter(person => Object.keys(person).length);
}

function input(question, id) {
	const known = call.sheet.lead.fields[question.field];
	let made;
	if (question.type === "people")
		return peopleInput(question, id);
	if (question.type === "choice" || question.type === "choices") {
		made = element("select", null, { id });
		if (question.type === "choices")
			made.multiple = true;
		else
			made.append(element("option", "", { value: "" }));
		for (const choice of question.choices)
			made.append(element("option", choice.label, { value: choice.name }));
	} else if (question.type === "yes/no") {
		made = element("select", null, { id });
		for (const [value, label] of [["", ""], ["yes", "yes"], ["no", "no"]])
			made.append(element("option", label, { value }));
	} else
		made = element("input", null, { id, type: { number: "number", date: "date" }[question.type] || "text" });
	if (question.type === "number")
		made.step = "any";
	if (known !== undefined && question.type === "choice")
		made.dataset.known = known;
	if (question.needed)
		made.setAttribute("aria-required", "true");
	made.addEventListener("change", walk);
	return made;
}

function valueOf(question) {
	const field = $("q-" + question.name);
	if (question.type === "people")
		return peopleOf(field);
	if (question.type === "choices")
		return [...field.selectedOptions].map(option => option.value);
	if (field.value === "")
		return null;
	if (question.type === "number")
		return Number(field.value);
	if (question.type === "yes/no")
		return field.value === "yes";
	return field.value;
}

// The value that a branch looks at: answered now, or as the lead has it.
function known(field) {
	for (const question of call.sheet.script.questions)
		if (question.field === field && typeof valueOf(question) === "string")
			return valueOf(question);
	return call.sheet.lead.fields[field];
}

// Shows the questions that lie on the way which the answers lead, and no others.
function walk() {
	const questions = call && call.sheet.script ? call.sheet.script.questions : [];
	const way = [];
	let name = questions.length ? questions[0].name : null;
	while (name && !way.includes(name)) {
		way.push(name);
		const question = questions.find(q => q.name === name), branch = question.branch;
		const value = branch ? known(branch.field) : undefined;
		if (branch && value === undefined && question.needed)
			break; // where it goes on is to be answered first
		name = branch && value in branch.cases ? branch.cases[value] : question.next;
	}
	for (const question of questions)
		$("b-" + question.name).hidden = !way.includes(question.name);
	return way;
}

function showScript(sheet) {
	const words = sections(call.words), script = sheet.script || { title: call.script, questions: [] };
	put("title", script.title || call.script);
	put("opening", spoken(words, script.opening) || spoken(words, ""));
	put("closing", spoken(words, script.closing));
	$("questions").replaceChildren();
	for (const question of script.questions) {
		const id = "q-" + question.name, box = element("div", null, { class: "question", id: "b-" + question.name });
		const words_ = spoken(words, question.name, question.ask);
		box.append(element("label", question.ask + (question.needed ? " *" : ""), { for: id }));
		if (words_)
			box.append(element("p", words_, { class: "words" }));
		box.append(input(question, id));
		$("questions").append(box);
	}
	walk();
}

function showEnds(sheet) {
	const ends = [["reached", "Reached: answers as above"], ...sheet.dispositions.map(d => [d.name, d.label]), ["@callback", "Call back"]];
	$("ends").replaceChildren(element("legend", "How it ended"));
	ends.forEach(([name, label], i) => {
		const box = element("label"), radio = element("input", null, { type: "radio", name: "end", value: name, id: "end-" + i });
		radio.addEventListener("change", () => { $("when").hidden = $("callback").disabled = name !== "@callback"; });
		box.append(radio, " " + label);
		$("ends").append(box);
	});
	$("when").hidden = $("callback").disabled = true;
	$("callback").value = "";
	showLatest();
}

// As the input writes moments: local, to the minute.
function local(moment) {
	return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// Until when a callback may be promised: the campaign's deadline. A supervisor may give the call more time.
function showLatest() {
	$("callback").removeAttribute("max");
	$("latest").textContent = call.latest_at ? "Before " + date(call.latest_at) + (supervises ? "; later gives the call more time than its campaign does." :
		": then the campaign's time for this call is over. A supervisor may give it more.") : "";
	if (call.latest_at && !supervises)
		$("callback").max = local(new Date(new Date(call.latest_at) - 60000));
}

// Callbacks come to who is there, also while no call is his.
function tellHere() {
	clearInterval(beat);
	beat = setInterval(() => post("here"), 60000);
}

function show() {
	$("call").hidden = !call;
	$("release").hidden = !call;
	$("wrong").textContent = "";
	$("note").value = "";
	lost = false;
	if (!call) {
		tellHere();
		return;
	}
	showWho(call.sheet);
	showWhy(call.sheet);
	showScript(call.sheet);
	showEnds(call.sheet);
	clearInterval(beat);
	beat = setInterval(heartbeat, Math.min(call.lease_seconds / 3, 60) * 1000);
	$("name").focus();
}

// ---- what is done ----

async function next() {
	if (call && !lost)
		return;
	say("Looking for the next call …");
	const { ok, said } = await post("calls/next");
	if (ok && said.call) { // else what is typed of a call that is lost stays
		call = said.call;
		show();
	}
	say(!ok ? said.detail || "That did not work." : said.call ? "" : "Nobody is to be called just now" + (said.reason ? ": " + said.reason + "." : "."));
	if (ok && said.call)
		warn(said.call);
}

// What the server knows of a call that the agent has still: whoever asked not to be called is not.
function warn(known) {
	if (known.taken_back !== undefined)
		say("Do not call: this call was taken back" + (known.taken_back ? " (" + known.taken_back + ")" : "") + ".");
	else if (known.held_back !== undefined)
		say("Do not call now: this call is held back" + (known.held_back ? " (" + known.held_back + ")" : "") + ".");
}

async function heartbeat() {
	const asked = call;
	const { ok, status, said } = await post("calls/" + asked.id + "/heartbeat");
	if (ok && call === asked)
		warn(said);
	if (!ok && status !== 409 && call === asked)
		say(said.detail || "The server does not answer.");
	if (status === 409 && call === asked) { // else it is over meanwhile, and another one stands here
		say("This call is not yours any more: its lease ran out. What you typed stays here until you take the next call.");
		lost = true;
		tellHere();
	}
}

function report() {
	const end = document.querySelector("input[name=end]:checked"), answers = {}, way = walk();
	if (!end)
		return { wrong: "Say how it ended." };
	const body = $("note").value ? { note: $("note").value } : {};
	for (const question of call.sheet.script ? call.sheet.script.questions : [])
		if (way.includes(question.name)) {
			const value = valueOf(question);
			if (value !== null && !(Array.isArray(value) && !value.length))
				answers[question.name] = value;
		}
	if (end.value === "@callback") {
		const at = new Date($("callback").value);
		if (isNaN(at))
			return { wrong: "Say when to call back." };
		const more = supervises && call.latest_at && at >= new Date(call.latest_at) ? { until: new Date(at.getTime() + 86400000).toISOString() } : {}; // a day to reach them
		return { body: { ...body, callback_at: at.toISOString(), answers, ...more } };
	}
	return { body: { ...body, disposition: end.value, answers } };
}

async function done(event) {
	event.preventDefault();
	const { wrong, body } = report();
	$("wrong").textContent = wrong || "";
	if (wrong)
		return;
	const { ok, said, status } = await post("calls/" + call.id + "/outcome", body);
	if (!ok) {
		const better = said.lawful_at || said.latest_at;
		$("wrong").textContent = (said.detail || "That did not work (" + status + ").") + (better ? " Here that is " + date(better) + "." : "");
		const field = said.field === "callback_at" ? $("callback") : $("q-" + said.field);
		if (field)
			field.focus();
		return;
	}
	call = null;
	show();
	say("Saved: " + said.ended + ".");
	$("next").focus();
}

async function release() {
	if (!call)
		return;
	const { ok, status, said } = await post("calls/" + call.id + "/release");
	if (!ok && status !== 409) {
		$("wrong").textContent = said.detail || "That did not work (" + status + ").";
		return;
	}
	call = null;
	show();
	say("The call is in the queue again.");
	$("next").focus();
}

// What time it is there when it is called back: outside of the hours the call waits until they begin.
function showThere() {
	const at = new Date($("callback").value), zones = call ? call.sheet.place.zones : [];
	const there = zone => at.toLocaleTimeString([], { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
	const night = zones.some(zone => there(zone) < "08:00" || there(zone) >= "21:00");
	$("there").textContent = isNaN(at) || !zones.length ? "" : "There it is " + [...new Set(zones.map(there))].join(" or ") + " then" +
		(night ? ": by law calls are made from 8:00 to 21:00." : ".");
}

$("callback").addEventListener("input", showThere);
show();
$("next").addEventListener("click", next);
$("release").addEventListener("click", release);
$("form").addEventListener("submit", done);
document.addEventListener("keydown", event => {
	const act = event.altKey && !event.ctrlKey && { n: next, g: release, s: () => $("form").requestSubmit($("done")), d: () => $("dial").click() }[event.key.toLowerCase()];
	if (!act)
		return;
	event.preventDefault();
	act();
});
$("next").focus();
