/* Where things stand on paper: the measures, and what they come from. Called by pages.c. */
#include "pages_parts.h"

/* DIN 5008:2020-03, forms A and B: the address field is 85 × 45 mm, 20 mm from the left and 27 (A) or 45 mm (B) from the top: 17.7 mm for the return address and notes, below
 * it 27.3 mm for six lines of address; texts begin 5 mm further in. Information block at 125 mm, 5 mm below the field's top. The subject stands 8.46 mm below the field; margins
 * 25 and 20 mm; folds at 87 and 192 mm (A), 105 and 210 mm (B), the hole's mark at 148.5 mm. It fits windows of DIN 680 (90 × 45 mm). */
static void din5008(struct sheet *sheet, bool small)
{
	double field = small ? 27 : 45;
	sheet->sender = (struct box){25 * MM, field * MM, 80 * MM, 17.2 * MM};
	sheet->sender_in_window = true;
	sheet->window = (struct box){25 * MM, (field + 17.7) * MM, 80 * MM, 27.3 * MM};
	sheet->information = (struct box){125 * MM, (field + 5) * MM, sheet->width - 145 * MM, 40 * MM};
	sheet->text = (field + 45 + 8.46) * MM;
	sheet->logo = (struct box){25 * MM, 8 * MM, sheet->width - 45 * MM, (field - 12) * MM};
	sheet->body = (struct box){25 * MM, 25 * MM, sheet->width - 45 * MM, sheet->height - 50 * MM};
	sheet->folds[0] = (small ? 87 : 105) * MM;
	sheet->folds[1] = 148.5 * MM;
	sheet->folds[2] = (small ? 192 : 210) * MM;
}

/* US #10 envelope, 9 1/2 × 4 1/8 in, window 4 1/2 × 1 1/8 in, 7/8 in from the left, 1/2 in from the bottom. USPS Publication 25, 3-9: 1/8 in must stay clear around the address
 * wherever the letter slips to. Folded at 4 and 8 in it slips 1/8 in up and down and 1 in sideways, so what is always seen is 7/8 to 4 3/8 in from the left and 2 1/2 to
 * 3 1/2 in from the top; less 1/8 in all around. */
static void us10(struct sheet *sheet)
{
	sheet->window = (struct box){1.0 * INCH, 2.625 * INCH, 3.25 * INCH, 0.75 * INCH};
	sheet->sender = (struct box){1.0 * INCH, 1.25 * INCH, 3.25 * INCH, 1.125 * INCH};
	sheet->information = (struct box){sheet->width - 3.5 * INCH, 1.25 * INCH, 2.5 * INCH, 1.5 * INCH};
	sheet->text = 3.875 * INCH;
	sheet->logo = (struct box){1.0 * INCH, 0.4 * INCH, sheet->width - 2 * INCH, 0.75 * INCH};
	sheet->body = (struct box){1.0 * INCH, 1.0 * INCH, sheet->width - 2 * INCH, sheet->height - 2 * INCH};
	sheet->folds[0] = 4 * INCH;
	sheet->folds[1] = 8 * INCH;
}

struct sheet sheet_of(const struct pages_layout *layout)
{
	struct sheet sheet = {0};
	bool letter = layout->paper == PAGES_LETTER;
	sheet.width = letter ? 8.5 * INCH : 210 * MM; /* ISO 216; ANSI/ASME Y14.1 A */
	sheet.height = letter ? 11 * INCH : 297 * MM;
	if (layout->window == PAGES_US10)
		us10(&sheet);
	else
		din5008(&sheet, layout->window == PAGES_DIN5008_A);
	return sheet;
}
