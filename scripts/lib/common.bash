# What the scripts share. Source it; it sets `root`, the project's directory.
# shellcheck shell=bash disable=SC2034
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
script=$(basename "$0")
# One clock for a script and those that it calls.
export MCP_MQTT_SCRIPT_STARTED=${MCP_MQTT_SCRIPT_STARTED:-${EPOCHREALTIME/[.,]/}}

# say TEXT…: one line of progress, with the seconds since the start.
say() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - MCP_MQTT_SCRIPT_STARTED) / 100000))
  printf '[%3d.%d s] %s\n' $((tenths / 10)) $((tenths % 10)) "$*"
}

# fail TEXT…: says what is wrong and ends the script.
fail() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# usage_error TEXT…
usage_error() {
  printf '%s: %s\nTry %s --help\n' "$script" "$*" "$script" >&2
  exit 2
}

# The comment at the top of a script is its help text.
show_help() {
  awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
  exit 0
}

# How many compilers to run at once: one for each core, and about a gigabyte of memory for each.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1000000) }' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}
