/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/maker.h: a thread that writes samples while the exporter reads
 * rows and writes lists. What is asked of it is done in order.
 */
#ifndef WX_DATASET_MAKER_H
#define WX_DATASET_MAKER_H

#include "dataset/writer.h"

struct wx_maker;

/* Instead of a first frame: the whole capture, copied or linked. */
enum { WX_MAKER_COPY = -1, WX_MAKER_LINK = -2 };

/* NULL: no memory, or no thread to be had. */
struct wx_maker *wx_maker_new(void);

/*
 * Write frames first .. first + n_frames - 1 of a capture to path (copied);
 * or the whole capture as it is. Waits while too much is asked already.
 * A failure is that of something asked before; nothing is done after it.
 */
int wx_maker_add(struct wx_maker *m, struct wx_cutter *c, int64_t first,
		 int64_t n_frames, const char *path, struct wx_error *err);
/*
 * Make a sample by m->format->make, sign it if there is a key, and write it to
 * path. *m is copied, with pcm NULL; its texts stay the caller's.
 */
int wx_maker_make(struct wx_maker *maker, const struct wx_making *m,
		  const char *path, struct wx_error *err);
/* Close c when what was asked of it is done. NULL is allowed. */
void wx_maker_close(struct wx_maker *m, struct wx_cutter *c);

/* Wait until all is done, and free m; the first failure, if there was one. */
int wx_maker_free(struct wx_maker *m, struct wx_error *err);

#endif
