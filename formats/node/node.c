/* SPDX-License-Identifier: MIT */
/* formats/node/node.c: the table of node.h. */
#include "node/node.h"

#include "capture/content.h"
#include "node/loop.h"

#define WX_NODE_ENTRY(name) &wx_node_##name,

static const struct wx_node_driver *const drivers[] = { WX_NODES(WX_NODE_ENTRY)
								NULL };

const struct wx_node_formats wx_node_formats = {
	.driver = drivers,
	.content = &wx_capture_content,
	.loop_new = wx_node_loop_new,
};
