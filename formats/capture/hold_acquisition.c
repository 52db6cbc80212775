/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/hold_acquisition.c: what lies in an Edge Impulse acquisition
 * file: a recording, readings of the air, or both.
 */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "capture/acquisition.h"
#include "capture/holder.h"

static bool is(const char *name, const void *head, size_t n)
{
	(void)name;
	return wx_acquisition_looks(head, n);
}

static void describe(int fd, const char *name, json_t *says)
{
	struct wx_acquisition a;
	struct wx_acq_axis axis[WX_ACQ_ENVS];

	if (wx_acquisition_read(fd, name, &a, NULL)) {
		wx_holder_add_damage(says, "not_audio");
		return;
	}
	if (a.truncated)
		wx_holder_add_damage(says, "truncated");
	if (*a.device_name)
		json_object_set_new(says, "dev", json_string(a.device_name));
	/* A board's own word counts less than what the host saw. */
	if (isfinite(a.iat_s) && !json_object_get(says, "r0")) {
		json_object_set_new(says, "from", json_string("acquisition"));
		json_object_set_new(says, "r0",
				    json_integer(llround(a.iat_s * 1e6)));
		json_object_set_new(says, "zone_s", json_integer(0));
	}
	if (wx_acquisition_channels(&a) && a.n_rows)
		wx_holder_add_part(says, "0001.wav", a.n_rows,
				   wx_acquisition_rate_hz(&a), INT64_MIN);
	if (wx_acquisition_env(&a, axis) && a.n_rows)
		wx_holder_add_part(says, WX_HOLDER_ENV, -1, 0, INT64_MIN);
}

static int make(int fd, const char *name, const json_t *says, const char *w,
		const char *to, struct wx_error *err)
{
	struct wx_acquisition a;
	struct wx_file *f = NULL;
	int rc = wx_acquisition_read(fd, name, &a, err);

	(void)says;
	if (!rc)
		rc = wx_file_create(to, &f, err);
	if (!rc && !strcmp(w, WX_HOLDER_ENV))
		rc = wx_acquisition_write_env(fd, name, &a, 0, wx_file_get(f),
					      err);
	else if (!rc)
		rc = wx_acquisition_write_wav(fd, name, &a, wx_file_get(f),
					      err);
	if (!rc)
		return wx_file_commit(f, NULL, err);
	wx_file_abort(f);
	return rc;
}

const struct wx_holder wx_holder_acquisition = {
	.kind = "acquisition",
	.is = is,
	.describe = describe,
	.make = make,
};
