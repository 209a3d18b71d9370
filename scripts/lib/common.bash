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

# install_npm FOLDER: the npm packages of its package-lock.json, unless they are there; on failure
# says why.
install_npm() {
  local folder=$1 output
  if [[ $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]]; then return; fi
  if ! command -v npm >/dev/null; then
    say "No npm"
    return 1
  fi
  say "Installing the npm packages of $folder"
  if ! output=$(npm ci --prefix "$folder" --no-audit --no-fund --fetch-retries=1 \
    --fetch-timeout=30000 2>&1 </dev/null); then
    tail -n 5 <<<"$output"
    say "npm could not install them (no network?)"
    return 1
  fi
  touch "$folder/node_modules/.package-lock.json"
}
