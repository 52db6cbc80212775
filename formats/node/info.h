/* SPDX-License-Identifier: MIT */
/*
 * formats/node/info.h: what a node says of itself (wx-node(7), "info"),
 * checked, whatever wire it came by.
 *
 *     {"id":"n1","fw":"1.4.2","fs_free":123456789,"fs_total":31914983424,
 *      "rec":"b17/9.wav","vbat":3.91,"rssi":-61}
 */
#ifndef WX_NODE_INFO_H
#define WX_NODE_INFO_H

#include <jansson.h>

/*
 * Those of the members above that are of their type and can be true, in that
 * order; texts cut free of what is not fit for a message. A new reference;
 * NULL: none of them is there, or out of memory.
 */
json_t *wx_node_info(const json_t *doc);

#endif
