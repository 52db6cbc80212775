/* SPDX-License-Identifier: MIT */
/* lib/dataset/heard.c: see heard.h. */
#include "dataset/heard.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/lines.h"
#include "base/text.h"

struct entry {
	char *name; /* without raw/NODE/ */
	long line;
	enum wx_heard what;
	bool used;
};

struct wx_heard_list {
	char *path;
	struct entry *entry; /* by name, then by line */
	size_t n, room;
};

void wx_heard_free(struct wx_heard_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->n; i++)
		free(list->entry[i].name);
	free(list->entry);
	free(list->path);
	free(list);
}

static int by_name(const void *pa, const void *pb, void *ctx)
{
	const struct entry *a = pa, *b = pb;
	int cmp = strcmp(a->name, b->name);

	(void)ctx;
	return cmp ? cmp : (a->line > b->line) - (a->line < b->line);
}

static int add(struct wx_heard_list *list, enum wx_heard what, const char *name,
	       size_t n, long line, struct wx_error *err)
{
	char *copy;

	if (WX_GROW(&list->entry, &list->room, list->n + 1, err))
		return WX_ERR_NOMEM;
	copy = strndup(name, n);
	if (!copy)
		return wx_fail_nomem(err);
	list->entry[list->n++] = (struct entry){ copy, line, what, false };
	return WX_OK;
}

static enum wx_heard verdict_of(const char *word, size_t n)
{
	if (n == 7 && !strncmp(word, "cleared", n))
		return WX_HEARD_CLEARED;
	if (n == 6 && !strncmp(word, "speech", n))
		return WX_HEARD_SPEECH;
	return WX_HEARD_NOTHING;
}

static int read_line(struct wx_heard_list *list, const char *node,
		     const struct wx_line *l, struct wx_log *log,
		     struct wx_error *err)
{
	static const char blanks[] = " \t";
	const char *word = l->text + strspn(l->text, blanks);
	size_t n_word = strcspn(word, blanks), n_node = strlen(node), n;
	const char *name = word + n_word + strspn(word + n_word, blanks);
	enum wx_heard what = verdict_of(word, n_word);
	char quoted[WX_QUOTE_SIZE];

	if (!l->too_long && (!*word || *word == '#'))
		return WX_OK;
	if (l->too_long || what == WX_HEARD_NOTHING ||
	    strncmp(name, "raw/", 4)) {
		wx_warn(log,
			"%s:%ld: found '%s', expected cleared or speech, and "
			"a capture as in windows/, raw/NODE/NAME",
			list->path, l->number,
			wx_quote(word, strlen(word), quoted));
		return WX_OK;
	}
	name += 4;
	if (strncmp(name, node, n_node) || name[n_node] != '/')
		return WX_OK;
	name += n_node + 1;
	/* A name may hold blanks; a remark is set off by two, or a tab. */
	n = strcspn(name, "\t");
	for (size_t i = 0; i + 1 < n; i++)
		if (name[i] == ' ' && name[i + 1] == ' ')
			n = i;
	while (n && name[n - 1] == ' ')
		n--;
	return add(list, what, name, n, l->number, err);
}

int wx_heard_read(const char *path, const char *node,
		  struct wx_heard_list **out, struct wx_log *log,
		  struct wx_error *err)
{
	struct wx_heard_list *list = calloc(1, sizeof(*list));
	struct wx_lines *in = NULL;
	struct wx_line line;
	int rc = WX_OK, more = 0;

	*out = NULL;
	if (!list || !(list->path = strdup(path))) {
		free(list);
		return wx_fail_nomem(err);
	}
	if (access(path, F_OK) == 0)
		rc = wx_lines_open(path, &in, err);
	while (in && rc == WX_OK && (more = wx_lines_next(in, &line, err)) > 0)
		rc = read_line(list, node, &line, log, err);
	if (more < 0)
		rc = more;
	wx_lines_close(in);
	if (rc != WX_OK) {
		wx_heard_free(list);
		return rc;
	}
	wx_sort(list->entry, list->n, sizeof(*list->entry), by_name, NULL);
	*out = list;
	return WX_OK;
}

enum wx_heard wx_heard_of(struct wx_heard_list *list, const char *name)
{
	enum wx_heard what = WX_HEARD_NOTHING;
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(list->entry[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < list->n && !strcmp(list->entry[low].name, name); low++) {
		what = list->entry[low].what;
		list->entry[low].used = true;
	}
	return what;
}

void wx_heard_unused(const struct wx_heard_list *list, struct wx_log *log)
{
	char quoted[WX_QUOTE_SIZE];

	for (size_t i = 0; i < list->n; i++) {
		const struct entry *e = &list->entry[i];

		if (!e->used)
			wx_warn(log,
				"%s:%ld: no capture here is named '%s'; "
				"remarks stand behind two blanks",
				list->path, e->line,
				wx_quote(e->name, strlen(e->name), quoted));
	}
}
