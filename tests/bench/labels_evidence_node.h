/* SPDX-License-Identifier: MIT */
/* tests/bench/labels_evidence_node.h: what a made node felt and heard. */
#ifndef WX_BENCH_LABELS_EVIDENCE_NODE_H
#define WX_BENCH_LABELS_EVIDENCE_NODE_H

#include <stddef.h>
#include <stdint.h>

/* A season of wx-sim's weather: by the second, and by windows of 10 s. */
struct site {
	uint64_t key;
	size_t n_s, n;
	float *rain_mm_h;        /* n_s */
	float *truth, *wind_m_s; /* n, means */
};

/* Of a climate of wx-sim's, or a real series, which tells of days itself. */
void site_make(const char *name, uint64_t seed, int days, struct site *out);
void site_free(struct site *s);

enum air { AIR_HONEST, AIR_STUCK, AIR_FOG, AIR_NONE };
enum ear { EAR_HONEST, EAR_ROOF, EAR_STREET, EAR_LATE, EAR_DEAD, EAR_NONE };

struct evidence_case {
	const char *name;
	unsigned use; /* bits of wx_sense */
	enum air air;
	enum ear ear;
};
extern const struct evidence_case cases[];
extern const int n_cases;

/* Of each window; NAN: none. */
struct node {
	float *rh, *db;
};
void node_make(const struct site *s, const struct evidence_case *c,
	       struct node *out);
void node_free(struct node *n);

#endif
