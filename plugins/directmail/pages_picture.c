/* Pictures of letters: PNG, put into the PDF once a document however often they are shown. Called by pages.c and pages_flow.c. */
#include "pages_parts.h"

#include <string.h>

#define DOTS_PER_INCH 300.0
enum { SIDE_MOST = 10000 };

struct picture {
	cairo_surface_t *surface;
	double width, height; /* pixels */
};

struct bytes {
	const unsigned char *p;
	size_t left;
};

static cairo_status_t give(void *arg, unsigned char *to, unsigned n)
{
	struct bytes *bytes = arg;
	if (n > bytes->left)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(to, bytes->p, n);
	bytes->p += n;
	bytes->left -= n;
	return CAIRO_STATUS_SUCCESS;
}

/* Looked at before it is unpacked: a small file can say that it is huge. PNG (RFC 2083): the first chunk has width and height. */
static bool is_sane(const unsigned char *p, size_t n)
{
	static const unsigned char mark[16] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
	if (n < 24 || memcmp(p, mark, sizeof mark) != 0)
		return false;
	unsigned long width = (unsigned long)p[16] << 24 | p[17] << 16 | p[18] << 8 | p[19], height = (unsigned long)p[20] << 24 | p[21] << 16 | p[22] << 8 | p[23];
	return width && height && width <= SIDE_MOST && height <= SIDE_MOST && width * height <= 40000000;
}

struct picture *picture_new(const void *bytes, size_t n)
{
	static int last; /* names it within the process: cairo writes a picture of one name once a document */
	struct bytes left = {bytes, n};
	cairo_surface_t *surface = is_sane(bytes, n) ? cairo_image_surface_create_from_png_stream(give, &left) : NULL;
	if (!surface || cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
		if (surface)
			cairo_surface_destroy(surface);
		return NULL;
	}
	char *name = g_strdup_printf("picture-%d", g_atomic_int_add(&last, 1));
	if (cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_UNIQUE_ID, (unsigned char *)name, strlen(name), g_free, name) != CAIRO_STATUS_SUCCESS)
		g_free(name);
	struct picture *picture = g_new(struct picture, 1);
	*picture = (struct picture){surface, cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface)};
	return picture;
}

void picture_free(void *data)
{
	struct picture *picture = data;
	if (!picture)
		return;
	cairo_surface_destroy(picture->surface);
	g_free(picture);
}

void picture_size(const struct picture *picture, double most_width, double most_height, double *width, double *height)
{
	double scale = INCH / DOTS_PER_INCH;
	scale = MIN(scale, most_width / picture->width);
	scale = MIN(scale, most_height / picture->height);
	*width = picture->width * scale;
	*height = picture->height * scale;
}

void picture_show(const struct picture *picture, cairo_t *cairo, double x, double y, double width, double height)
{
	cairo_save(cairo);
	cairo_translate(cairo, x, y);
	cairo_scale(cairo, width / picture->width, height / picture->height);
	cairo_set_source_surface(cairo, picture->surface, 0, 0);
	cairo_rectangle(cairo, 0, 0, picture->width, picture->height);
	cairo_fill(cairo);
	cairo_restore(cairo);
}
