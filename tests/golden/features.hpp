#pragma once

#include <string>
#include <vector>

namespace mcp_mqtt::golden {

class Stage;

/// One feature and the scenario that shows it. It runs in each revision: where the feature is
/// missing, the dialogue shows the refusal, or what is sent instead.
struct Feature {
  std::string name;
  std::string title;
  void (*play)(Stage& stage);
};

// One function for each file of scenarios.
std::vector<Feature> handshake_features();
std::vector<Feature> goodbye_features();
std::vector<Feature> tool_features();
std::vector<Feature> resource_features();
std::vector<Feature> prompt_features();
std::vector<Feature> list_features();
std::vector<Feature> call_features();
std::vector<Feature> asking_features();
std::vector<Feature> task_features();
std::vector<Feature> bad_answer_features();
std::vector<Feature> bad_input_features();

std::vector<Feature> all_features();

}  // namespace mcp_mqtt::golden
