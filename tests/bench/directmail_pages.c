/* Letters as PDF: `directmail_pages [LETTERS [FILE]]` writes so many letters of two pages with a QR code each (10,000 into /dev/null), every one with its own name, address
 * and code, and prints letters a second, bytes, and the memory that was used after a tenth of them and at the end: it should not grow with the letters. */
#include "address.h"
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char *const names[] = {"Ann Lee", "Jörg Müller", "Zoë Ångström", "محمد علي", "יעל כהן", "山田太郎", "नेहा शर्मा", "สมชาย ใจดี", "Nguyễn Văn An", "Ελένη Παπαδοπούλου"};
static const char paragraph[] =
	"<p style=\"margin:0 0 16px;\">We would like to invite you to an <strong>executive breakfast</strong> where three of your peers tell how they shortened their sales cycles, "
	"what it cost them, and what they would do differently. The conversation is confidential, the table has twelve seats, and nobody will sell you anything before the "
	"coffee is cold. Requirements, responsibilities and organisational consequences are discussed with particular attention.</p>\n";

struct out {
	FILE *file;
	uint64_t bytes;
};

static bool take(void *arg, const void *bytes, size_t n)
{
	struct out *out = arg;
	out->bytes += n;
	return fwrite(bytes, 1, n, out->file) == n;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long memory_kb(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file && fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * 4;
}

static void add(struct pages *pages, long i)
{
	char street[60], url[100], code[30], greeting[200], html[12000];
	struct nurture_problem problem = {.size = sizeof problem};
	struct pages_report report;
	struct post_lines lines;
	const char *name = names[i % 10];
	snprintf(street, sizeof street, "%ld Example Street", i + 1);
	snprintf(code, sizeof code, "K7M2-QX9P-%04lX-%04lX", i >> 16 & 0xffff, i & 0xffff);
	snprintf(url, sizeof url, "https://go.example.com/r/K7M2QX9P%08lX", i);
	snprintf(greeting, sizeof greeting, "<p>Dear %s,</p>\n", name);
	snprintf(html, sizeof html, "%s%s%s%s<h2>What you take home</h2><ul><li>One</li><li>Two</li></ul>%s%s%s%s<p>Yours<br>Nurture</p>", greeting, paragraph, paragraph, paragraph,
		 paragraph, paragraph, paragraph, paragraph);
	post_address_lines(&(struct post_address){.name = name, .organisation = "Example & Sons", .street = street, .city = "Boston", .region = "MA", .postal_code = "02108", .country = "US"},
			   "DE", "en", &lines);
	struct letter_text letter = {.line_count = lines.count, .sender = "Nurture Ltd\n1 Road\n12345 Town", .date = "26 November 2026", .subject = "An invitation", .html = html,
				     .language = "en", .url = url, .code = code, .invitation = "Scan, or type:"};
	memcpy(letter.lines, lines.line, sizeof lines.line);
	if (!pages_add(pages, &letter, &report, &problem) || *report.overflow || report.pages != 2) {
		fprintf(stderr, "letter %ld: %s %s %d pages\n", i, problem.message, report.overflow, report.pages);
		exit(1);
	}
	post_lines_fini(&lines);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 10000, early = 0;
	struct out out = {.file = fopen(argc > 2 ? argv[2] : "/dev/null", "wb")};
	struct nurture_problem problem = {.size = sizeof problem};
	struct pages_layout layout = {.paper = PAGES_A4, .window = PAGES_DIN5008_B, .fold_marks = true};
	struct pages *pages = out.file ? pages_open(&layout, take, &out, &problem) : NULL;
	double start = now();
	if (!pages)
		return 1;
	for (long i = 0; i < count; i++) {
		add(pages, i);
		if (i == count / 10)
			early = memory_kb();
	}
	long late = memory_kb();
	if (!pages_close(pages, &problem) || fclose(out.file))
		return 1;
	double seconds = now() - start;
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("%ld letters of two pages in %.1f s: %.0f a second, %.1f MB\n", count, seconds, (double)count / seconds, (double)out.bytes / 1e6);
	printf("memory: %ld MB after a tenth, %ld MB at the end, %ld MB at most\n", early / 1024, late / 1024, usage.ru_maxrss / 1024);
	return 0;
}
