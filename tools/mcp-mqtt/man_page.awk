# Makes the man page of docs/command-line.md, so that there is one text. It knows what that document
# uses of Markdown: headings, paragraphs, lists, tables, blocks of code, code and links in a line.
# Usage: awk -v version=VERSION -f man_page.awk command-line.md >mcp-mqtt.1

# What troff would take for a command of its own.
function escaped(text) {
  gsub(/\\/, "\\(rs", text)
  gsub(/-/, "\\-", text)
  return text
}

# At the start of a line a dot or an apostrophe begins a request.
function guarded(text) {
  return text ~ /^[.']/ ? "\\&" text : text
}

function inline(text,    out, start) {
  while (match(text, /\[[^]]*\]\([^)]*\)/)) {
    start = RSTART
    out = substr(text, RSTART, RLENGTH)
    text = substr(text, 1, start - 1) substr(out, 2, index(out, "](") - 2) substr(text, start + RLENGTH)
  }
  out = ""
  text = escaped(text)
  while (match(text, /`[^`]*`/)) {
    out = out substr(text, 1, RSTART - 1) "\\fB" substr(text, RSTART + 1, RLENGTH - 2) "\\fP"
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

# A row as tbl takes it; each cell is filled on its own.
function row(line,    cells, n, i, cell, out) {
  gsub(/^\| *| *\|$/, "", line)
  n = split(line, cells, / *\| */)
  for (i = 1; i <= n; i++) {
    cell = inline(cells[i])
    out = out (i > 1 ? "\t" : "") (cell == "" ? "" : "T{\n" guarded(cell) "\nT}")
  }
  return out
}

function columns(line) {
  return gsub(/\|/, "|", line) - 1
}

function end_table() {
  if (in_table) print ".TE"
  in_table = 0
}

BEGIN {
  print "'\\\" t"
  print ".\\\" Made of docs/command-line.md."
  print ".TH MCP\\-MQTT 1 \"\" \"mcp_mqtt " version "\""
  print ".ad l"
  print ".SH NAME\nmcp\\-mqtt \\- see and call MCP servers on an MQTT broker"
  print ".SH SYNOPSIS\n.B mcp\\-mqtt\n[\\fIOPTIONS\\fP] \\fICOMMAND\\fP [\\fIARGUMENTS\\fP]"
  print ".br\n.B mcp\\-mqtt\n[\\fICOMMAND\\fP] \\-\\-help"
}

/^<!-- man: off -->$/ { off = 1 }
/^<!-- man: on -->$/ { off = 0; next }
off { next }

/^```/ {
  in_code = !in_code
  if (in_code) end_table()
  print in_code ? ".PP\n.in +4n\n.EX" : ".EE\n.in"
  next
}
in_code { print guarded(escaped($0)); next }

/^# / { print ".SH DESCRIPTION"; next }
/^## / { end_table(); print ".SH " toupper(inline(substr($0, 4))); next }

/^\|/ {
  if (!in_table) {
    in_table = 1
    header = $0
    format = columns($0) == 2 ? "lw(24n)" : "lx"
    for (i = 2; i <= columns($0); i++) format = format " lx"
    print ".PP\n.TS\n" format "."
    next
  }
  # Titles that say nothing are left out; the line below them is Markdown's.
  if ($0 ~ /^\|[-|]+$/) {
    if (header ~ /[^| ]/) print row(header)
    next
  }
  print row($0)
  next
}
{ end_table() }

/^- / { print ".IP \\(bu 2\n" inline(substr($0, 3)); next }
/^$/ { next }
{ print ".PP\n" guarded(inline($0)) }

END { end_table() }
