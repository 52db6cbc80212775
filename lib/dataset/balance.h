/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/balance.h: fewer samples of what is common, by leaving out whole
 * blocks of training time at random; the testing side stays as the weather was.
 *
 * A block counts as of its highest class. From the most frequent class on,
 * blocks of it are left out, in an order that the seed gives, as long as the
 * class stays at or above its limit: max_ratio times the samples of the rarest
 * class, and limit. So a class may end above its limit by less than a block.
 */
#ifndef WX_DATASET_BALANCE_H
#define WX_DATASET_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum { WX_BALANCE_CLASSES = 1024 };

struct wx_balance; /* 16 bytes for each class of each block */

struct wx_balance *wx_balance_new(void); /* NULL when out of memory */
void wx_balance_free(struct wx_balance *b);

/*
 * A training sample, of class 0 to WX_BALANCE_CLASSES - 1, of the block that
 * starts there.
 */
int wx_balance_add(struct wx_balance *b, struct wx_time block, int class,
		   struct wx_error *err);
/* max_ratio: 1 or more, INFINITY: any; limit: samples of a class, 0: any. */
int wx_balance_deal(struct wx_balance *b, double max_ratio, int64_t limit,
		    uint64_t seed, struct wx_error *err);
/* How many blocks hold samples of a class? */
int wx_balance_n_blocks(struct wx_balance *b, int class);
/* Is the block left out? */
bool wx_balance_drops(const struct wx_balance *b, struct wx_time block);

#endif
