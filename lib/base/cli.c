/* SPDX-License-Identifier: MIT */
/* lib/base/cli.c: see cli.h. The one room that prints and exits. */
#include "base/cli.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

enum { MAX_OPTS = 40, FIRST_LONG = 256 };

static struct {
	char tool[32];
	bool quiet, verbose, progress_shown;
	const char *progress_what; /* progress_name, once there is any */
	char progress_name[80];
	double progress_start, progress_last;
	uint64_t progress_from;
} cli = { .tool = "wxset" };

static volatile sig_atomic_t stop_signal;

static const struct wx_opt common_opts[] = {
	WX_OPT_FLAG('h', "help", NULL, "show this and exit"),
	WX_OPT_FLAG('V', "version", NULL, "show the version and exit"),
	WX_OPT_FLAG('q', "quiet", NULL, "no progress and no remarks"),
	WX_OPT_FLAG('v', "verbose", NULL, "say more of what is done"),
	WX_OPT_END,
};

static void print_opts(const struct wx_opt *opts)
{
	for (; opts->kind != WX_OPT_K_END; opts++) {
		char shrt[8] = "    ";
		char *lng = wx_strf("--%s%s%s", opts->lng, opts->arg ? " " : "",
				    opts->arg ? opts->arg : "");

		if (opts->shrt)
			snprintf(shrt, sizeof(shrt), "-%c, ", opts->shrt);
		printf("  %s%-24s %s\n", shrt, lng ? lng : opts->lng,
		       opts->help);
		free(lng);
	}
}

static void print_help(const char *usage, const struct wx_opt *opts)
{
	printf("usage: ");
	for (const char *p = usage; *p; p++) {
		putchar(*p);
		if (*p == '\n' && p[1] && p[1] != '\n' && p[-1] != '\n' &&
		    strstr(p, "\n\n"))
			printf("       ");
	}
	printf("\n\nOptions:\n");
	print_opts(opts);
	print_opts(common_opts);
	printf("\nThe manual: man %s\n", cli.tool);
}

WX_PRINTF(1, 0)
static void vsay(const char *fmt, va_list args)
{
	wx_cli_progress_end();
	fprintf(stderr, "%s: ", cli.tool);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int wx_cli_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
	fprintf(stderr, "%s: try '%s -h'\n", cli.tool, cli.tool);
	return WX_EXIT_USAGE;
}

void wx_cli_note(const char *fmt, ...)
{
	va_list args;

	if (cli.quiet)
		return;
	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
}

void wx_cli_detail(const char *fmt, ...)
{
	va_list args;

	if (!cli.verbose)
		return;
	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
}

static void log_write(void *ctx, const char *text)
{
	(void)ctx;
	wx_cli_progress_end();
	fprintf(stderr, "%s: %s\n", cli.tool, text);
}

struct wx_log *wx_cli_log(void)
{
	static struct wx_log log = { .write = log_write };

	return &log;
}

int wx_cli_report(int rc, const struct wx_error *err)
{
	if (rc == WX_OK)
		return WX_EXIT_OK;
	wx_cli_progress_end();
	fprintf(stderr, "%s: %s\n", cli.tool,
		err && err->code ? err->text : "failed");
	return rc == WX_ERR_FORMAT || rc == WX_ERR_RANGE ? WX_EXIT_INPUT
							 : WX_EXIT_SYSTEM;
}

int wx_cli_worst(int a, int b)
{
	return a > b ? a : b;
}

static bool too_many(const struct wx_opt *o, size_t most)
{
	wx_cli_usage("--%s: given over %zu times", o->lng, most);
	return false;
}

/* One value into its place; false after a message. */
static bool take_value(const struct wx_opt *o, const char *text)
{
	size_t n = strlen(text);
	struct wx_strs *list = o->value;
	struct wx_day_list *days = o->value;
	struct wx_error err = { 0 };
	int64_t i;
	double d;

	/* A variable of a script that is not set: -o "" would be the root. */
	if (!n) {
		wx_cli_usage("--%s: expected %s, found nothing", o->lng,
			     o->arg);
		return false;
	}
	switch (o->kind) {
	case WX_OPT_K_INT:
		if (wx_i64_parse(text, n, &i) && (double)i >= o->min &&
		    (double)i <= o->max) {
			*(int64_t *)o->value = i;
			return true;
		}
		wx_cli_usage("--%s: expected a whole number from %.0f to "
			     "%.0f, found '%s'",
			     o->lng, o->min, o->max, text);
		return false;
	case WX_OPT_K_F64:
		if (wx_f64_parse(text, n, &d) && d >= o->min && d <= o->max) {
			*(double *)o->value = d;
			return true;
		}
		wx_cli_usage("--%s: expected a number from %g to %g, found "
			     "'%s'",
			     o->lng, o->min, o->max, text);
		return false;
	case WX_OPT_K_STRS:
		if (list->n == (int)WX_COUNT(list->v))
			return too_many(o, WX_COUNT(list->v));
		list->v[list->n++] = text;
		return true;
	case WX_OPT_K_DAYS:
		if (days->n == (int)WX_COUNT(days->v))
			return too_many(o, WX_COUNT(days->v));
		if (wx_day_parse(text, &days->v[days->n], &err)) {
			wx_cli_usage("--%s: %s", o->lng, err.text);
			return false;
		}
		days->n++;
		return true;
	default:
		*(const char **)o->value = text;
		return true;
	}
}

/* What getopt_long wants, from our tables; val is FIRST_LONG + index. */
static int fill_getopt(const struct wx_opt **all, int n, char *shrt,
		       struct option *lng)
{
	*shrt++ = ':'; /* tell a missing argument from an unknown option */
	for (int i = 0; i < n; i++) {
		bool has_arg = all[i]->kind != WX_OPT_K_FLAG;

		lng[i] = (struct option){ all[i]->lng,
					  has_arg ? required_argument
						  : no_argument,
					  NULL, FIRST_LONG + i };
		if (all[i]->shrt) {
			*shrt++ = all[i]->shrt;
			if (has_arg)
				*shrt++ = ':';
		}
	}
	*shrt = '\0';
	lng[n] = (struct option){ 0 };
	return n;
}

static const struct wx_opt *find_opt(const struct wx_opt **all, int n, int c)
{
	if (c >= FIRST_LONG)
		return c - FIRST_LONG < n ? all[c - FIRST_LONG] : NULL;
	for (int i = 0; i < n; i++)
		if (all[i]->shrt == c)
			return all[i];
	return NULL;
}

static int usage_fail(int c, char **argv)
{
	if (c == ':')
		return wx_cli_usage("%s needs a value", argv[optind - 1]);
	if (optopt && optopt < FIRST_LONG)
		return wx_cli_usage("unknown option -%c", optopt);
	return wx_cli_usage("unknown or wrongly used option %s",
			    argv[optind - 1]);
}

static void take_common(const struct wx_opt *o, const char *usage,
			const struct wx_opt *opts)
{
	switch (o->shrt) {
	case 'h':
		print_help(usage, opts);
		exit(wx_cli_end(WX_EXIT_OK));
	case 'V':
		printf("%s (wxset) %s\n", cli.tool, WX_VERSION);
		exit(wx_cli_end(WX_EXIT_OK));
	case 'q':
		cli.quiet = true;
		break;
	default:
		cli.verbose = true;
	}
}

int wx_cli_parse(int argc, char **argv, const char *usage,
		 const struct wx_opt *opts)
{
	const struct wx_opt *all[MAX_OPTS];
	struct option lng[MAX_OPTS + 1];
	char shrt[2 * MAX_OPTS + 2];
	int n = 0, c;

	/* A file size limit is told like a full disk, not died of. */
	signal(SIGXFSZ, SIG_IGN);
	snprintf(cli.tool, sizeof(cli.tool), "%.*s", (int)strcspn(usage, " \n"),
		 usage);
	for (const struct wx_opt *o = opts; o->kind != WX_OPT_K_END; o++)
		all[n++] = o;
	for (const struct wx_opt *o = common_opts; o->kind != WX_OPT_K_END; o++)
		all[n++] = o;
	fill_getopt(all, n, shrt, lng);
	opterr = 0;
	while ((c = getopt_long(argc, argv, shrt, lng, NULL)) != -1) {
		const struct wx_opt *o = find_opt(all, n, c);

		if (!o)
			exit(usage_fail(c, argv));
		if (!o->value)
			take_common(o, usage, opts);
		else if (o->kind == WX_OPT_K_FLAG)
			*(bool *)o->value = true;
		else if (!take_value(o, optarg))
			exit(WX_EXIT_USAGE);
	}
	return optind;
}

const char *wx_cli_archive(const char *given)
{
	const char *env = getenv("WXSET_ARCHIVE");

	return given ? given : env && *env ? env : ".";
}

bool wx_strs_has(const struct wx_strs *list, const char *text)
{
	for (int i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return list->n == 0;
}

bool wx_day_list_has(const struct wx_day_list *list, int64_t day)
{
	for (int i = 0; i < list->n; i++)
		if (list->v[i] == day)
			return true;
	return list->n == 0;
}

/* "1:05", "2:03:04". */
static void show_left(double s)
{
	double h = floor(s / 3600), m = floor(s / 60) - 60 * h;

	if (h > 0)
		fprintf(stderr, ", %.0f:%02.0f:%02.0f left", h, m, fmod(s, 60));
	else
		fprintf(stderr, ", %.0f:%02.0f left", m, fmod(s, 60));
}

/* Amounts in units of so many; rate and time left after a second of work. */
static void show_progress(const char *what, uint64_t done, uint64_t total,
			  double unit, int decimals, const char *name)
{
	double now = wx_mono_s(), took_s, rate;

	if (cli.quiet || !isatty(STDERR_FILENO))
		return;
	/* A remark in between takes the line away, not the count. */
	if (!cli.progress_what || strcmp(cli.progress_what, what) != 0 ||
	    done < cli.progress_from) {
		snprintf(cli.progress_name, sizeof(cli.progress_name), "%s",
			 what);
		cli.progress_what = cli.progress_name;
		cli.progress_start = now;
		cli.progress_from = done;
	} else if (now - cli.progress_last < 0.1) {
		return;
	}
	cli.progress_shown = true;
	cli.progress_last = now;
	took_s = now - cli.progress_start;
	rate = (double)(done - cli.progress_from) / (took_s + 1e-9);
	fprintf(stderr, "\r\033[K%s: %s %.*f", cli.tool, what, decimals,
		(double)done / unit);
	if (total)
		fprintf(stderr, " of %.*f", decimals, (double)total / unit);
	fprintf(stderr, "%s", name);
	if (took_s > 1 && rate > 0) {
		fprintf(stderr, ", %.*f%s/s", rate / unit < 9.95 ? 1 : 0,
			rate / unit, name);
		if (total > done)
			show_left(ceil((double)(total - done) / rate));
	}
	fflush(stderr);
}

void wx_cli_progress(const char *what, uint64_t done, uint64_t total)
{
	show_progress(what, done, total, 1, 0, "");
}

void wx_cli_progress_bytes(const char *what, uint64_t done, uint64_t total)
{
	show_progress(what, done, total, 1e6, 1, " MB");
}

void wx_cli_progress_end(void)
{
	if (cli.progress_shown)
		fprintf(stderr, "\r\033[K");
	cli.progress_shown = false;
}

static void on_signal(int sig)
{
	stop_signal = sig;
}

void wx_cli_catch_signals(void)
{
	/* Once: the second signal kills as usual. */
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool wx_cli_stopped(void)
{
	return stop_signal != 0;
}

int wx_cli_end(int status)
{
	wx_cli_progress_end();
	if (fflush(stdout) != 0 || ferror(stdout) || fclose(stdout) != 0) {
		fprintf(stderr, "%s: cannot write to standard output: %s\n",
			cli.tool, strerror(errno));
		return WX_EXIT_SYSTEM;
	}
	return status;
}
