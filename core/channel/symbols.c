/* Reads the dynamic symbol table of an ELF file by its sections (System V ABI, chapter 4). Every offset comes from the file and is
 * checked against its size. */
#include "channel/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
	const unsigned char *p;
	size_t n;
};

static const void *at(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->n && size <= image->n - offset ? image->p + offset : NULL;
}

static const Elf64_Shdr *section(const struct image *image, const Elf64_Ehdr *head, size_t i)
{
	return i < head->e_shnum && head->e_shentsize == sizeof(Elf64_Shdr) ? at(image, head->e_shoff + i * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr))
									     : NULL;
}

static bool is_exported(const Elf64_Sym *symbol)
{
	int bind = ELF64_ST_BIND(symbol->st_info), seen = ELF64_ST_VISIBILITY(symbol->st_other);
	return symbol->st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK) && (seen == STV_DEFAULT || seen == STV_PROTECTED);
}

static int count(const struct image *image, const Elf64_Shdr *table, const Elf64_Shdr *names, const char *wanted, char other[128])
{
	int found = 0;
	for (uint64_t i = 0; i < table->sh_size / sizeof(Elf64_Sym); i++) {
		const Elf64_Sym *symbol = at(image, table->sh_offset + i * sizeof *symbol, sizeof *symbol);
		if (!symbol || !is_exported(symbol) || symbol->st_name >= names->sh_size)
			continue;
		const char *name = at(image, names->sh_offset + symbol->st_name, 1);
		size_t most = names->sh_size - symbol->st_name;
		if (!name || !at(image, names->sh_offset, names->sh_size) || strnlen(name, most) == most || *name == '_')
			continue;
		found++;
		if (strcmp(name, wanted) != 0)
			snprintf(other, 128, "%s", name);
	}
	return found;
}

static int read_image(const struct image *image, const char *path, const char *wanted, char other[128], struct error *error)
{
	const Elf64_Ehdr *head = at(image, 0, sizeof *head);
	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_type != ET_DYN)
		return error_set(error, ERROR_INVALID, path, "this is not a 64-bit shared object.");
	for (size_t i = 0; i < head->e_shnum; i++) {
		const Elf64_Shdr *table = section(image, head, i), *names = table ? section(image, head, table->sh_link) : NULL;
		if (table && names && table->sh_type == SHT_DYNSYM)
			return count(image, table, names, wanted, other);
	}
	return error_set(error, ERROR_INVALID, path, "it has no table of dynamic symbols.");
}

int channel_symbols(const char *path, const char *wanted, char other[128], struct error *error)
{
	struct stat st;
	struct image image = {0};
	other[0] = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_errno(error, path, "cannot open the plugin");
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED)
			image = (struct image){p, (size_t)st.st_size};
	}
	close(fd);
	int found = read_image(&image, path, wanted, other, error);
	if (image.p)
		munmap((void *)image.p, image.n);
	return found;
}
