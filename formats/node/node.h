/* SPDX-License-Identifier: MIT */
/*
 * formats/node/node.h: every way to a node. To add one: its file here, with a
 * struct wx_node_driver wx_node_NAME, and one line in the table.
 */
#ifndef WX_NODE_NODE_H
#define WX_NODE_NODE_H

#include "archive/node.h"

#define WX_NODES(X) \
	X(http)     \
	X(https)    \
	X(smp)      \
	X(dir)      \
	X(eifw)

#define WX_NODE_DECLARE(name) extern const struct wx_node_driver wx_node_##name;
WX_NODES(WX_NODE_DECLARE)
#undef WX_NODE_DECLARE

/* The table, and the loop that all of them share. */
extern const struct wx_node_formats wx_node_formats;

#endif
