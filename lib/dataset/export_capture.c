/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/export_capture.c: captures as they are, with a label for each
 * part. A part without a label that may be trained on is "unknown"; so is what
 * no window covers. All of a capture is on one side, and one that may hold a
 * voice is left out whole.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dataset/export_in.h"

/*
 * A service takes files of less than 100 MiB; 50 minutes of 16 bit at 16 kHz
 * are 92 MiB. Longer captures are cut into pieces at borders of windows.
 */
enum { MAX_PIECE_S = 3000, MAX_PIECE_BYTES = 95 << 20 };

static const char unknown[] = "unknown";

void wx_export_piece_fini(struct wx_export_piece *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->part[i].class);
	free(p->part);
	free(p->segment);
	free(p->node);
	free(p->capture);
	*p = (struct wx_export_piece){ 0 };
}

/* Values from..to - 1 are of a class; a neighbour of the same one grows. */
static int add_segment(struct wx_export_piece *p, int64_t from, int64_t to,
		       const char *class, struct wx_error *err)
{
	struct wx_segment *last =
		p->n_segments ? &p->segment[p->n_segments - 1] : NULL;

	if (from >= to)
		return WX_OK;
	if (last && strcmp(last->class, class) == 0) {
		last->last = to - 1;
		return WX_OK;
	}
	if (WX_GROW(&p->segment, &p->room_segments, p->n_segments + 1, err))
		return WX_ERR_NOMEM;
	p->segment[p->n_segments++] =
		(struct wx_segment){ from, to - 1, class };
	return WX_OK;
}

/* Windows may overlap: the later one has what it does not share. */
static int fill_segments(struct wx_export_piece *p, int64_t first, int64_t n,
			 struct wx_error *err)
{
	int64_t at = 0;
	int rc = WX_OK;

	for (size_t i = 0; !rc && i < p->n; i++) {
		int64_t from = p->part[i].first - first;
		int64_t to = from + p->part[i].n;

		from = from < at ? at : from > n ? n : from;
		to = to < from ? from : to > n ? n : to;
		rc = add_segment(p, at, from, unknown, err);
		if (!rc)
			rc = add_segment(
				p, from, to,
				p->part[i].class ? p->part[i].class : unknown,
				err);
		at = to;
	}
	return rc ? rc : add_segment(p, at, n, unknown, err);
}

/* The part whose class the piece holds most of; NULL: nothing but unknown. */
static const struct wx_export_part *most_of(const struct wx_export_piece *p)
{
	const struct wx_export_part *best = NULL;
	int64_t most = 0;

	for (size_t i = 0; i < p->n; i++) {
		int64_t n = 0;

		for (size_t k = 0; p->part[i].class && k < p->n; k++)
			if (p->part[k].class &&
			    p->part[k].index == p->part[i].index)
				n += p->part[k].n;
		if (n > most) {
			most = n;
			best = &p->part[i];
		}
	}
	return best;
}

/* first..first + n - 1 of the capture that is open become a sample. */
static int make_piece(struct wx_export_job *job, int64_t first, int64_t n,
		      struct wx_error *err)
{
	struct wx_export_piece *p = &job->piece;
	const struct wx_export_part *best = most_of(p);
	double rate_hz = job->src.wav.rate_hz;
	struct wx_window w = { .node = p->node,
			       .capture = p->capture,
			       .offset_s = (double)first / rate_hz,
			       .length_s = (double)n / rate_hz,
			       .max_err_s = p->max_err_s,
			       .air_temp_degc = p->air_temp_degc,
			       .rel_hum_pct = p->rel_hum_pct,
			       .pressure_hpa = p->pressure_hpa,
			       .quality = p->quality,
			       .flags = "" };
	struct wx_label none = { .rain = { .value = NAN,
					   .name = "",
					   .p = NAN,
					   .source = "",
					   .track = "" },
				 .wind = { .value = NAN,
					   .name = "",
					   .p = NAN,
					   .source = "",
					   .track = "" },
				 .wind_gust_m_s = NAN,
				 .flags = "" };
	enum wx_side side;
	enum wx_drop why;
	struct wx_sample s;
	int rc;

	w.start_utc = wx_time_add_s(p->start_utc, w.offset_s);
	why = p->quarantined ? WX_DROP_SPEECH
			     : wx_export_side(job, p->node, w.start_utc,
					      w.length_s, &side);
	if (why != WX_N_DROPS) {
		job->stats->n_dropped[why] += p->n_due;
		return WX_OK;
	}
	s = wx_export_sample(job, &w, &none);
	s.side = side;
	s.block = wx_split_block(job->split, w.start_utc);
	s.first_frame = first;
	s.n_frames = n;
	rc = fill_segments(p, first, n, err);
	if (rc)
		return rc;
	s.segment = p->segment;
	s.n_segments = p->n_segments;
	snprintf(s.class, sizeof(s.class), "%s", best->class);
	return wx_export_put(job, &s, best->index, err);
}

/* What is gathered is done. next_offset_s: where another piece of the same
 * capture begins; negative: it was its last. */
static int flush(struct wx_export_job *job, double next_offset_s,
		 struct wx_error *err)
{
	struct wx_export_piece *p = &job->piece;
	struct wx_window w = { .node = p->node, .capture = p->capture };
	int64_t end, first = p->first_frame;
	int rc = WX_OK;

	if (p->n && p->n_due && !wx_time_is_none(p->start_utc)) {
		rc = wx_export_source(job, &w, err);
		end = next_offset_s < 0
			      ? job->src.wav.n_frames
			      : llround(next_offset_s * job->src.wav.rate_hz);
		if (!rc && (job->src.bad || end > job->src.wav.n_frames ||
			    first >= end))
			job->stats->n_dropped[job->src.deleted
						      ? WX_DROP_DELETED
						      : WX_DROP_UNREADABLE] +=
				p->n_due;
		else if (!rc)
			rc = make_piece(job, first, end - first, err);
		first = end;
	}
	wx_export_piece_fini(p);
	p->first_frame = next_offset_s < 0 ? 0 : first;
	return rc;
}

int wx_export_capture_end(struct wx_export_job *job, struct wx_error *err)
{
	return flush(job, -1, err);
}

static int begin(struct wx_export_job *job, const struct wx_window *w,
		 struct wx_error *err)
{
	struct wx_export_piece *p = &job->piece;

	p->node = strdup(w->node);
	p->capture = strdup(w->capture);
	p->start_utc = WX_TIME_NONE;
	p->max_err_s = w->max_err_s;
	p->air_temp_degc = w->air_temp_degc;
	p->rel_hum_pct = w->rel_hum_pct;
	p->pressure_hpa = w->pressure_hpa;
	p->quality = w->quality;
	p->offset_s = w->offset_s;
	return p->node && p->capture ? WX_OK : wx_fail_nomem(err);
}

/* Is it time for another piece, before w? */
static bool is_full(const struct wx_export_job *job, const struct wx_window *w)
{
	const struct wx_export_piece *p = &job->piece;
	double length_s = w->offset_s + w->length_s - p->offset_s;

	return length_s > MAX_PIECE_S ||
	       length_s * job->src.wav.rate_hz * job->src.wav.block_align >
		       MAX_PIECE_BYTES;
}

static int add_part(struct wx_export_job *job, const struct wx_window *w,
		    const struct wx_label *l, enum wx_drop why, int index,
		    struct wx_error *err)
{
	struct wx_export_piece *p = &job->piece;
	double rate_hz = job->src.wav.rate_hz;
	char class[WX_SAMPLE_LABEL_SIZE];
	struct wx_export_part *part;

	if (WX_GROW(&p->part, &p->room, p->n + 1, err))
		return WX_ERR_NOMEM;
	part = &p->part[p->n];
	*part = (struct wx_export_part){
		.first = llround(w->offset_s * rate_hz),
		.n = llround(w->length_s * rate_hz),
		.index = index,
	};
	if (why == WX_N_DROPS) {
		wx_sample_class(l, job->opts->target, class, NULL, NULL);
		part->class = strdup(class);
		if (!part->class)
			return wx_fail_nomem(err);
		p->n_due++;
	}
	p->n++;
	/* Of the capture's first frame, by the nominal rate. */
	if (wx_time_is_none(p->start_utc) && !wx_time_is_none(w->start_utc))
		p->start_utc = wx_time_add_s(w->start_utc, -w->offset_s);
	return WX_OK;
}

int wx_export_make_capture(void *ctx, const struct wx_window *w,
			   const struct wx_label *l, struct wx_error *err)
{
	struct wx_export_job *job = ctx;
	struct wx_export_piece *p = &job->piece;
	int index, rc = wx_export_look(job, w, err);
	enum wx_drop why = wx_export_why_not(job, w, l, &index);

	if (!rc && p->n && strcmp(p->capture, w->capture) != 0)
		rc = flush(job, -1, err);
	if (!rc)
		rc = wx_export_source(job, w, err);
	if (!rc && p->n && is_full(job, w))
		rc = flush(job, w->offset_s, err);
	if (!rc && !p->n)
		rc = begin(job, w, err);
	if (rc)
		return rc;
	p->quarantined = p->quarantined || why == WX_DROP_SPEECH;
	if (why != WX_N_DROPS)
		job->stats->n_dropped[why]++;
	return add_part(job, w, l, why, index, err);
}
