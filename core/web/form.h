/* Forms of the playbook on the web (`/f/{form}`): what their files share. form.c takes a request from question to answer, form_read.c reads
 * what was filled in, form_page.c and form_json.c show it, form_keep.c takes it in, form_place.c knows
 * where it stood, form_thanks.c answers. Everything here lives as long as the request. */
#ifndef NURTURE_WEB_FORM_H
#define NURTURE_WEB_FORM_H

#include "web/page.h"

/* A showing of a form of ours: a sealed token in a hidden control. `print` says which form in which words. */
const char *web_showing_write(struct web_request *req, uint32_t print); /* empty while the keys are not known */
/* The number of the showing; 0 when it is none of ours, was too long ago (a day), or just now (nobody fills in so fast). */
uint64_t web_showing_read(struct web_request *req, struct str text, uint32_t print);

#define FORM_INSTANCE "form-instance" /* names with a hyphen: no field is called so */
#define FORM_TRAP "web-site"
#define FORM_ALL "form-all" /* the button of somebody else at the same browser: nothing is sent, all questions are shown */
#define FORM_PLACE "form-page" /* form-page.utm_source …, form-page.address; in JSON an object */

/* The page that the form stood in. "" = not known, or not to be told. */
struct form_place {
	struct str address;        /* without its query */
	struct str utm[FORM_UTM];  /* as form_utm names them */
};

/* What somebody wrote for one question. */
struct form_answer {
	bool asked;                /* on the page: not known yet, or needed to know who it is */
	const struct str *texts;   /* as they came: to be shown again */
	size_t text_count;
	struct value value;        /* VALUE_EMPTY = nothing */
	bool wrong;
	enum web_word word;        /* what is wrong, for people */
	const char *message;       /* and for programs */
};

struct form_page {
	struct web_request *req;
	struct edition *edition;   /* held until the answer is made: form_over */
	const struct playbook *playbook;
	const struct form *form;
	struct form_answer *answers; /* one a question */
	bool *agreed;              /* one a box */
	const char *agree_where, *agree_message; /* what is wrong under "agree", for programs; NULL = nothing */
	bool wrong;                /* some answer is */
	bool stale;                /* shown too long ago, or in other words than today's, or never: not taken */
	bool trapped;              /* filled in what people do not see */
	bool left_out;             /* a question is not asked as its answer is known */
	bool all;                  /* FORM_ALL was pressed */
	bool json;
	uint64_t instance;         /* one showing of the form; 0 = none */
	struct str email;          /* normalised */
	struct form_place place;
};

/* ---- form.c ---- */
void form_over(struct form_page *page); /* the last act for a page, after its reply */
/* ---- form_read.c ---- */
/* Decides which questions are asked: those whose field is in `known` (an object of fields, or NULL) are not, beside e-mail; of what is not needed at most
 * ask_at_most. */
void form_choose(struct form_page *page, json_t *known);
/* Reads the body. Somebody else than the one who is `known` is asked what that one was not. -1: replied to already (it is no form at all). */
int form_read(struct form_page *page, json_t *known) MUST_USE;
/* The word of `known` that says: this address was the last one that this browser sent. */
const char *form_email_mark(const struct form_page *page);
/* The token of a new showing. Empty while the keys are not known. */
const char *form_instance(const struct form_page *page);

/* ---- form_page.c ---- */
void form_put(struct buf *out, const struct form_page *page, bool embedded);
void form_reply_page(struct form_page *page, int status);
/* ---- form_thanks.c ---- */
/* The form's own page, under a policy that lets the form lead to the site of its thanks. Frees html. */
void form_reply_framed(struct form_page *page, int status, struct buf *html);
/* Adds " https://host" to what stands after form-action where the form's thanks are on another site. */
void form_put_origin(struct buf *policy, const struct form *form);
/* `made`: the form made the lead. It does not show: but what is named with the asset's link is named by somebody who has not shown to be that lead. */
void form_reply_thanks(struct form_page *page, int64_t lead_id, bool made);
/* What to tell who ticked a box: perhaps it has to be confirmed by mail. NULL: none was, or the playbook has no such mail for this form. */
const char *form_notice(const struct form_page *page);
/* ---- landing.c ---- */
/* The page that the form names for its thanks; asset_url as `data.asset_url`, or NULL; form_notice as `data.notice`. */
void landing_reply_thanks(struct form_page *page, const char *asset_url);
/* ---- form_json.c ---- */
void form_reply_json(struct form_page *page);      /* what is asked */
void form_reply_wrong(struct form_page *page);     /* what is wrong */
void form_reply_script(struct form_page *page);    /* /f/NAME.js */
void form_reply_part(struct form_page *page);      /* the form alone, for that script */
/* CORS for answers that hold nothing of the visitor. */
extern const struct http_header form_cors[];

/* ---- form_place.c ---- */
/* Reads page->place from the query of the page, or from what was sent. Leaves it empty where the browser asks not to be followed. */
void form_place_query(struct form_page *page);
void form_place_params(struct form_page *page, const struct http_params *params);
void form_place_json(struct form_page *page, json_t *body);
void form_put_place(struct buf *out, const struct form_page *page);         /* as hidden controls */
void form_place_tell(const struct form_page *page, json_t *data);           /* utm_… into the data of form.submit */
struct str form_place_address(const struct form_page *page); /* of the page on which the form stood, without its query: as its script says, or as far as the browser does; "" = not told */
void form_place_fill(const struct form_page *page, json_t *fill);           /* the fields that the form presets */

/* ---- form_keep.c ---- */
/* Takes it in, replies, and ends the page. */
void form_keep(struct form_page *page);

#endif
