/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_felt.h: the series that lags are measured of; only
 * lineup_lag*.c and lineup_felt*.c need it.
 */
#ifndef WX_DATASET_LINEUP_FELT_H
#define WX_DATASET_LINEUP_FELT_H

#include "dataset/lineup_lag.h"
#include "dataset/lineup_parts.h"

/* Values by time, rising. Past two million, neighbours are averaged. */
struct wx_felt_series {
	int64_t *at_us; /* m of a node, UTC of a station */
	double *value;
	size_t n, room_at, room_value;
	/* The value being averaged, of 2^halved. */
	unsigned halved, n_in;
	double sum_at, sum_value; /* sum_at: since first_us */
	int64_t first_us;
};

/* What does not rise, or is not finite, is passed over. */
int wx_felt_add(struct wx_felt_series *s, int64_t at_us, double value,
		struct wx_error *err);
void wx_felt_fini(struct wx_felt_series *s);

/* The pressure of a boot, from its tables. Those that cannot be read: none. */
int wx_felt_read_pressure(const struct wx_lineup *l, int64_t boot,
			  struct wx_felt_series *out, struct wx_error *err);

/* The sound of all boots, by boot and m: a value for each minute of a capture. */
struct wx_felt_minute {
	int64_t boot, m_us;
	float low_db, high_db; /* 20 to 100 Hz, 2 to 7 kHz; NAN */
};
struct wx_felt_sound {
	struct wx_felt_minute *minute;
	size_t n, size;
};
int wx_felt_read_sound(const struct wx_lineup *l, struct wx_felt_sound *out,
		       struct wx_error *err);
void wx_felt_sound_fini(struct wx_felt_sound *s);
/* Of one boot; felt: wind or rain. */
int wx_felt_of_sound(const struct wx_felt_sound *s, int64_t boot,
		     enum wx_felt felt, struct wx_felt_series *out,
		     struct wx_error *err);

/*
 * What a station felt from one instant to the other; empty where it has no
 * tables or does not measure it. *interval_s: the median of its rows; NAN.
 */
int wx_felt_read_station(const struct wx_lineup *l, const char *station,
			 enum wx_felt felt, struct wx_time from,
			 struct wx_time to, struct wx_felt_series *out,
			 double *interval_s, struct wx_error *err);

/* A span of a boot's own series, and what its stamps are taken for. */
struct wx_felt_span {
	const int64_t *m_us;
	const double *value;
	size_t n;
	struct wx_clock *clock; /* NULL: utc = m + rough_us */
	int64_t rough_us;
	bool with_rows; /* which instant of its rows is the station's? */
};

/*
 * Measure one span; out->lag is insufficient where the station has nothing.
 * out->rows is the caller's to free.
 */
int wx_lineup_lag_span(struct wx_lineup *l, const char *station,
		       enum wx_felt felt, int64_t boot,
		       const struct wx_felt_span *span,
		       struct wx_lineup_lag *out, struct wx_error *err);

/* How long a span is; the boot's m is cut at full ones. */
int64_t wx_felt_span_us(enum wx_felt felt);
/* From i on, the values of one span: how many. */
size_t wx_felt_span_at(const struct wx_felt_series *s, size_t i,
		       enum wx_felt felt);

#endif
