/* QR codes (ISO/IEC 18004, by libqrencode) as vectors, black on the paper. Called by pages_flow.c.
 *
 * A module is at least 0.4 mm, which any telephone reads from an arm's length, and four modules around stay blank, as the norm asks. */
#include "pages_parts.h"

#include <qrencode.h>
#include <string.h>

#define SIDE (24 * MM) /* of the code with its quiet zone, as long as modules stay between these */
#define MODULE_LEAST (0.4 * MM)
#define MODULE_MOST (0.8 * MM)
enum { QUIET = 4, VERSION_MOST = 15 /* 77 modules: 34 mm */ };

struct code {
	QRcode *qr;
	double module;
};

struct code *code_new(const char *text)
{
	QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (qr && qr->version > VERSION_MOST) {
		QRcode_free(qr);
		qr = NULL;
	}
	if (!qr)
		return NULL;
	struct code *code = g_new(struct code, 1);
	*code = (struct code){qr, CLAMP(SIDE / (qr->width + 2 * QUIET), MODULE_LEAST, MODULE_MOST)};
	return code;
}

void code_free(struct code *code)
{
	if (!code)
		return;
	QRcode_free(code->qr);
	g_free(code);
}

double code_size(const struct code *code)
{
	return code->module * (code->qr->width + 2 * QUIET);
}

/* All modules are one path: no seams between them, whoever draws it. */
void code_show(const struct code *code, cairo_t *cairo, double x, double y)
{
	int width = code->qr->width;
	double m = code->module;
	for (int row = 0; row < width; row++)
		for (int from = 0, to; from < width; from = to) {
			bool dark = code->qr->data[row * width + from] & 1;
			for (to = from + 1; to < width && (code->qr->data[row * width + to] & 1) == dark; to++)
				;
			if (dark)
				cairo_rectangle(cairo, x + (QUIET + from) * m, y + (QUIET + row) * m, (to - from) * m, m);
		}
	cairo_set_source_rgb(cairo, 0, 0, 0);
	cairo_fill(cairo);
}
