#include "mcp-mqtt/completion_script.hpp"

namespace mcp_mqtt::command_line {
namespace {

std::string chained(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

std::vector<std::string> names(const Completable& what) {
  std::vector<std::string> out;
  for (const auto& [name, options] : what.commands) out.push_back(name);
  return out;
}

constexpr const char* head =
    R"(# bash completion for mcp-mqtt. Use it with: source <(mcp-mqtt completion bash)

# The names of servers, asked of the broker that the command line being typed is about. COMPREPLY
# is set word by word: a name is a stranger's text and must not be expanded.
_mcp_mqtt_servers() {
  local current=$1 name
  shift
  while IFS=$'\t' read -r name _; do
    if [[ $name == "$current"* && $name =~ ^[A-Za-z0-9._/-]+$ ]]; then COMPREPLY+=("$name"); fi
  done < <(timeout 1 mcp-mqtt "$@" --output plain servers 2>/dev/null </dev/null)
}

_mcp_mqtt() {
  local current=${COMP_WORDS[COMP_CWORD]} command='' word at positionals=0
  local -a connection=()
  COMPREPLY=()
)";

}  // namespace

std::string bash_completion(const Completable& what) {
  const std::string files = chained(what.with_file, "|");
  std::string out = head;
  // The words before the one that is typed: which subcommand, how many of its own words, and what
  // says which broker to ask.
  out +=
      "  for ((at = 1; at < COMP_CWORD; at++)); do\n    word=${COMP_WORDS[at]}\n    case $word "
      "in\n";
  out +=
      "      --broker | --config | --username | --password-file | --ca-file | --cert | --key | "
      "--transport)\n        if ((at + 1 < COMP_CWORD)); then\n"
      "          connection+=(\"$word\" \"${COMP_WORDS[at + 1]}\")\n        fi\n"
      "        ((++at))\n        ;;\n";
  out += "      " + chained(what.with_value, " | ") + ") ((++at)) ;;\n";
  out +=
      "      -*) ;;\n      *)\n        if [[ -z $command ]]; then command=$word; else "
      "((++positionals)); fi\n        ;;\n    esac\n  done\n";
  out += "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n    " + chained(what.with_file, " | ") +
         ")\n      mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n      return\n      ;;\n";
  out +=
      "    --output) mapfile -t COMPREPLY < <(compgen -W 'table plain json' -- \"$current\"); "
      "return ;;\n";
  out +=
      "    --transport) mapfile -t COMPREPLY < <(compgen -W 'automatic paho mosquitto' -- "
      "\"$current\"); return ;;\n";
  out += "    --broker | --username | " + chained(what.with_value, " | ") + ") return ;;\n  esac\n";
  out += "  local options='" + chained(what.options, " ") + "'\n  case $command in\n";
  for (const auto& [name, own] : what.commands) {
    if (!own.empty()) out += "    " + name + ") options+=' " + chained(own, " ") + "' ;;\n";
  }
  out +=
      "  esac\n  if [[ $current == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
      "  elif [[ -z $command ]]; then\n    mapfile -t COMPREPLY < <(compgen -W '" +
      chained(names(what), " ") + "' -- \"$current\")\n  elif ((positionals == 0)); then\n" +
      "    case $command in\n      " + chained(what.with_server, " | ") +
      ") _mcp_mqtt_servers \"$current\" \"${connection[@]}\" ;;\n"
      "      completion) mapfile -t COMPREPLY < <(compgen -W bash -- \"$current\") ;;\n"
      "    esac\n  fi\n}\n\ncomplete -F _mcp_mqtt mcp-mqtt\n";
  return out;
}

}  // namespace mcp_mqtt::command_line
