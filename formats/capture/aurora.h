/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/aurora.h: files of packets, as CSEM's Aurora nodes of 2022
 * wrote them to their cards: data_seq_S_run_R_hour_H.pcm, one file an hour.
 *
 *     u32  big-endian     ms since the start of the run, of the first frame
 *     i16  big-endian     x 16384: one second of sound at 16384 Hz
 *     f64  little-endian  x 3: humidity %, pressure Pa or hPa, temperature degC
 *
 * 32,796 bytes a packet, nothing between them. The sound has gaps: a packet
 * comes some 1.9 s after the one before. A window of sound must not reach over
 * a gap, and so each run of packets without one becomes a WAV file of its own,
 * NAME~0001.wav and on, with the time of its first frame: no frame is dropped,
 * none is made up, no gap is closed. The packets' readings become NAME~env.csv.
 *
 * A stamp that cannot be, or after which time runs backwards, is not believed:
 * that packet's sound is kept, without a time, and so is all behind a restart
 * of the count. A last packet that is torn counts as far as it goes. Readings
 * that are no number are left empty. A stray byte in mid-file is not looked for:
 * these files are written by the packet.
 *
 * Boot number and time: b = S x 1,000,000 + R, m from the stamp, which is
 * 32 bits: from hour 597 on H tells how often it has wrapped.
 *
 * Source: the public scripts of the ITU tinyML challenge 2022 (repository
 * TinyML-Smart-Weather-Station-CSEM) that read these files. Whether the stamp is
 * of the first or the last frame they do not tell: a constant second.
 */
#ifndef WX_CAPTURE_AURORA_H
#define WX_CAPTURE_AURORA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum {
	WX_AURORA_RATE_HZ = 16384,
	WX_AURORA_FRAMES = 16384, /* of a packet */
	WX_AURORA_PACKET = 4 + 2 * WX_AURORA_FRAMES + 3 * 8,
	/* An hour has 3600 at most; a file of more is none of these. */
	WX_AURORA_MAX_PACKETS = 20000,
	/* Stamps that are less than this off the second have no gap between. */
	WX_AURORA_JITTER_MS = 10,
};

/* S, R and H of a name, whatever folder it lies in; false: another name. */
struct wx_aurora_name {
	int64_t seq, run, hour; /* each up to 999,999 */
};
bool wx_aurora_name(const char *name, struct wx_aurora_name *out);

struct wx_aurora_part {
	int64_t packet;   /* the first, from 0 */
	int64_t n_frames; /* of it and those that follow without a gap */
	int64_t m0_us;    /* since the start of the run; -1: not known */
};

struct wx_aurora {
	int64_t boot;
	int64_t *m_us; /* of each packet; -1: not known */
	size_t n_packets;
	struct wx_aurora_part *part;
	size_t n_parts;
	int64_t n_frames, size_bytes;
	size_t n_undated; /* packets whose stamp is not believed */
	size_t n_env;     /* packets with a reading, and a time */
	bool torn;        /* the last packet is not whole */
};

/*
 * Look at every stamp. out is the caller's to wx_aurora_fini, on failure too.
 *
 * @retval WX_ERR_FORMAT  the name is another one.
 * @retval WX_ERR_RANGE   more packets than WX_AURORA_MAX_PACKETS.
 */
int wx_aurora_read(int fd, const char *name, struct wx_aurora *out,
		   struct wx_error *err);
void wx_aurora_fini(struct wx_aurora *a);

/* A part as WAV: 44 bytes, then its frames, little-endian. */
int wx_aurora_write_wav(int fd, const char *name, const struct wx_aurora *a,
			size_t part, FILE *out, struct wx_error *err);
/* m,air_temp_degc,rel_hum_pct,pressure_hpa: a row for each dated packet. */
int wx_aurora_write_env(int fd, const char *name, const struct wx_aurora *a,
			FILE *out, struct wx_error *err);

#endif
