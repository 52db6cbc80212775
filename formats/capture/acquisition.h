/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/acquisition.h: Edge Impulse data acquisition format, CBOR.
 *
 *     a3 "protected" a2 "ver" "v1" "alg" "none"
 *        "signature" "00"
 *        "payload" a5 "device_name" ...  "device_type" ...
 *                     "interval_ms" f9 2c00                 0.0625
 *                     "sensors" 81 a2 "name" "audio" "units" "wav"
 *                     "values" 9f  83 21.5 46 96.1 ...  ff  a row an interval
 *                 or  "values" 9f "Ref-BINARY-i16" ff       and behind all of
 *                                  it samples, little-endian
 *
 * What boards write and this reads: keys in any order, more of them, numbers
 * as any integer or float, one axis flat or as arrays of one, Ref-BINARY in any
 * case and padded with blanks, a flash's ff behind the values, a signature that
 * is none (stock firmware does not sign). A file that breaks off has the rows
 * before that. The signature is not verified: the key is not ours.
 *
 * Memory does not grow with the file. Source: docs.edgeimpulse.com, "Data
 * acquisition format"; edgeimpulse/firmware-nordic-thingy53 and
 * ingestion-sdk-c for what is really written.
 */
#ifndef WX_CAPTURE_ACQUISITION_H
#define WX_CAPTURE_ACQUISITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum {
	WX_ACQ_TEXT = 64,
	WX_ACQ_SENSORS = 32,
	WX_ACQ_MAX_INTERVAL_MS = 86400000,
};

enum wx_acq_code { /* of values */
		   WX_ACQ_CBOR,
		   WX_ACQ_U8,
		   WX_ACQ_U16,
		   WX_ACQ_U32,
		   WX_ACQ_I8,
		   WX_ACQ_I16,
		   WX_ACQ_I32,
		   WX_ACQ_F32
};

struct wx_acq_sensor {
	char name[WX_ACQ_TEXT], units[WX_ACQ_TEXT]; /* fit for a message */
	double min, max; /* of its values; NAN: none that is a number */
	bool whole;      /* all of them are integers */
};

struct wx_acquisition {
	char device_name[WX_ACQ_TEXT], device_type[WX_ACQ_TEXT]; /* "" */
	bool is_signed;     /* alg is not "none" */
	double iat_s;       /* Unix; NAN: not told, as by stock firmware */
	double interval_ms; /* from row to row, above 0 */
	enum wx_acq_code code;
	size_t n_sensors; /* 1..WX_ACQ_SENSORS */
	struct wx_acq_sensor sensor[WX_ACQ_SENSORS];
	int64_t n_rows;         /* complete ones */
	int64_t values_offset;  /* bytes, of the first value */
	bool truncated;         /* it breaks off, or ends in half a row */
	int64_t n_behind_bytes; /* that are neither values nor fill */
};

/* Do these first bytes (20 or more, if there are) look like one? */
bool wx_acquisition_looks(const void *head, size_t n);

/**
 * Read it all.
 *
 * @param fd    a file; its position is neither used nor moved.
 * @param name  for messages.
 *
 * @retval WX_ERR_FORMAT  it is none, or misses what it must have.
 * @retval WX_ERR_RANGE   no such interval; no or more than WX_ACQ_SENSORS axes.
 */
int wx_acquisition_read(int fd, const char *name, struct wx_acquisition *out,
			struct wx_error *err);

/* Each row in its order; value[a->n_sensors], lent, NAN where it has null. */
typedef int wx_acq_row_fn(void *ctx, int64_t row, const double *value,
			  struct wx_error *err);
int wx_acquisition_rows(int fd, const char *name,
			const struct wx_acquisition *a, wx_acq_row_fn *fn,
			void *ctx, struct wx_error *err);

/* ---- what can be made of it ---- */

/*
 * Axes with the name "audio" or the units "wav" are channels of a recording.
 * 0: there is none, or its rate is not one of sound (sound/wav.h).
 */
int wx_acquisition_channels(const struct wx_acquisition *a);
/* 1000 / interval_ms to the nearest Hz, as a WAV header has it. */
uint32_t wx_acquisition_rate_hz(const struct wx_acquisition *a);
/*
 * The recording as WAV. Integers of 8 and 16 bits come as 16 (unsigned ones
 * are centred, 8 bits are the high ones), of 32 bits as 32. Values of any other
 * kind come as 16 bits if all of them are such integers; otherwise as floats,
 * where full scale is 1 if none is beyond it and 32768 if one is.
 */
int wx_acquisition_write_wav(int fd, const char *name,
			     const struct wx_acquisition *a, FILE *out,
			     struct wx_error *err);

/*
 * Which axis is which key of an env table, by name and units: temperature in
 * degC, Cel, C or K; humidity in % or %RH; pressure in Pa, hPa, mbar or kPa.
 */
enum wx_acq_env { WX_ACQ_TEMP, WX_ACQ_HUM, WX_ACQ_PRESS, WX_ACQ_ENVS };
struct wx_acq_axis {
	int sensor;           /* -1: none */
	double scale, offset; /* key = value * scale + offset */
};
/* How many of the keys there are: 0, no table can be made. */
int wx_acquisition_env(const struct wx_acquisition *a,
		       struct wx_acq_axis axis[WX_ACQ_ENVS]);
/*
 * m,air_temp_degc,rel_hum_pct,pressure_hpa as far as there are axes (the env
 * table of wx-node(7)); the first row is at m0_us. One row a second at most.
 */
int wx_acquisition_write_env(int fd, const char *name,
			     const struct wx_acquisition *a, int64_t m0_us,
			     FILE *out, struct wx_error *err);

#endif
