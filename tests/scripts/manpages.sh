# SPDX-License-Identifier: MIT
# Every tool has a page, every page renders without a warning, has the sections
# in the order of our style, refers to pages that exist, and lists exactly the
# options that the tool's -h lists, with the same argument names.
set -eu
cd "$TOP"
mandoc -T lint -W warning man/*.[157]
for page in man/*.[157]; do
	# As a reader calls it: groff sees columns too narrow for their text.
	man "./$page" >/dev/null 2>"$T/said"
	[ ! -s "$T/said" ] || {
		echo "man ./$page:"
		head -n 3 "$T/said"
		exit 1
	}
	mandoc -T utf8 "$page" >"$T/page"
	[ "$(wc -l <"$T/page")" -gt 20 ] || {
		echo "$page: renders as $(wc -l <"$T/page") lines"
		exit 1
	}
done
exec /usr/bin/python3 - "$WX_BIN" <<'END'
import pathlib
import re
import subprocess
import sys

ORDER = ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES",
         "EXIT STATUS", "EXAMPLES", "DIAGNOSTICS", "SEE ALSO", "STANDARDS",
         "HISTORY", "CAVEATS", "BUGS", "SECURITY CONSIDERATIONS"]
bad = []


def help_options(tool):
    """{long: (short, argument)} of the lines below "Options:"."""
    run = subprocess.run([tool, "-h"], stdout=subprocess.PIPE, text=True,
                         check=True)
    found = {}
    for line in run.stdout.split("Options:", 1)[-1].splitlines():
        m = re.match(r"  (?:-(.), |    )(--.*)", line)
        if not m:
            continue
        # "--name ARG" padded to 24 columns, or longer with one blank behind
        field = m[2][:24] if m[2][24:25] == " " else m[2]
        words = field.split()[:2] if field != m[2] else m[2].split()[:2]
        found[words[0][2:]] = (m[1] or "", words[1] if len(words) > 1 else "")
    return found


def page_options(text):
    found = {}
    pattern = r"^\.It (?:Fl (\S) , )?Fl -(\S+)(?: Ar (.+))?$"
    for m in re.finditer(pattern, text, re.M):
        arg = (m[3] or "").replace("\\&", "").strip('"')
        found[m[2]] = (m[1] or "", arg)
    return found


def show(option):
    name, (short, arg) = option
    return f"{'-' + short + ', ' if short else ''}--{name} {arg}".rstrip()


tools = sorted(pathlib.Path(sys.argv[1]).glob("wx-*"))
if not tools:
    sys.exit("no tool is built")
for tool in tools:
    page = pathlib.Path(f"man/{tool.name}.1")
    if not page.exists():
        bad.append(f"{page}: missing")
        continue
    told, listed = help_options(tool), page_options(page.read_text())
    if set(told) < {"help", "version", "quiet", "verbose"}:
        bad.append(f"{tool.name} -h: not every common option is there")
    for option in told.items():
        if option[1] != listed.get(option[0]):
            bad.append(f"{page}: lacks '{show(option)}' of -h")
    for option in listed.items():
        if option[0] not in told:
            bad.append(f"{page}: '{show(option)}' is not in -h")

for page in sorted(pathlib.Path("man").glob("*.[157]")):
    text = page.read_text()
    heads = [h.strip('"') for h in re.findall(r"^\.Sh (.*)$", text, re.M)]
    known = [h for h in heads if h in ORDER]
    if known != sorted(known, key=ORDER.index):
        bad.append(f"{page}: sections are in the order {known}")
    need = {"NAME", "DESCRIPTION", "SEE ALSO"}
    if page.suffix == ".1":
        need |= {"SYNOPSIS", "EXIT STATUS", "EXAMPLES"}
        if page.stem not in [t.name for t in tools]:
            bad.append(f"{page}: no such tool")
    if not need <= set(heads):
        bad.append(f"{page}: lacks {sorted(need - set(heads))}")
    for name, section in re.findall(r"^\.(?:Pf \S+ |It )?Xr (wx-\S+) (\d)",
                                    text, re.M):
        if not pathlib.Path(f"man/{name}.{section}").exists():
            bad.append(f"{page}: refers to {name}({section}), which is not "
                       "there")
print("\n".join(sorted(set(bad))))
sys.exit(len(bad) > 0)
END
