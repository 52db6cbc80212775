/* SPDX-License-Identifier: MIT */
/*
 * formats/station/registers.h: the registers of a Modbus station, as a user's
 * file (registers.schema.json) tells them.
 *
 * Every model has a map of its own, and a poller (mbpoll, Node-RED, a PLC)
 * writes what it reads as a table: a column a register, named by its address.
 * The file says what they are:
 *
 *     { "registers": [
 *         { "address": 4, "type": "u32", "scale": 0.001, "meaning": "rain_mm" },
 *         { "address": 0, "scale": 0.01, "meaning": "wind_avg_m_s" } ] }
 */
#ifndef WX_STATION_REGISTERS_H
#define WX_STATION_REGISTERS_H

#include "station/column.h"

/*
 * Adds to cols the columns of the file that the user does not tell otherwise.
 * WX_ERR_FORMAT where a register has no column, or two of one meaning have.
 */
int wx_registers_add(struct wx_columns *cols, const struct wx_header *h,
		     const struct wx_station_opts *opts,
		     struct wx_rawlog *lines, struct wx_error *err);

/*
 * The number of a register, before its scale: second is the other half's field
 * of a type of two registers, NULL where one column holds both. False when a
 * field is no number that fits; a missing one is NAN.
 */
bool wx_register_read(const json_t *reg, const struct wx_field *first,
		      const struct wx_field *second, double *out);

#endif
