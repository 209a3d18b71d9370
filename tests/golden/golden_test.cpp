#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

#include "golden/features.hpp"
#include "golden/stage.hpp"

// Each dialogue against its file; docs/contributing.md tells how to update them.
namespace mcp_mqtt::golden {
namespace {

namespace fs = std::filesystem;

const fs::path dialogues = MCP_MQTT_GOLDEN_DIALOGUES;

bool updating() {
  const char* const flag = std::getenv("MCP_MQTT_UPDATE_GOLDEN");
  return flag != nullptr && std::string(flag) == "1";
}

fs::path file_of(const Feature& feature, Revision revision) {
  return dialogues / feature.name / (std::string(to_string(revision)) + ".txt");
}

class Golden : public ::testing::Test {};

class Dialogue : public Golden {
 public:
  Dialogue(Feature feature, Revision revision, Site site)
      : feature_(std::move(feature)), revision_(revision), site_(site) {}

  void TestBody() override {
    if (site_ == Site::mosquitto && !test::MosquittoBroker::available()) {
      GTEST_SKIP() << "mosquitto is not installed";
    }
    const std::string got = heading() + play();
    if (HasFailure()) return;
    const fs::path path = file_of(feature_, revision_);
    if (updating()) {
      fs::create_directories(path.parent_path());
      std::ofstream(path) << got;
      return;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << path << " is missing; it would say:\n" << got;
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(got, wanted) << "the dialogue is not that of " << path;
  }

 private:
  std::string heading() const {
    return "# " + feature_.title + "\n# Revision " + std::string(to_string(revision_)) + "\n\n";
  }
  std::string play() const {
    Stage stage(site_, revision_);
    try {
      feature_.play(stage);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "the scenario ended with: " << error.what() << "\n" << dialogue(stage);
    }
    return dialogue(stage);
  }

  Feature feature_;
  Revision revision_;
  Site site_;
};

class NoObsoleteFiles : public Golden {
 public:
  void TestBody() override {
    std::set<fs::path> known;
    for (const Feature& feature : all_features()) {
      for (const Revision revision : all_revisions) known.insert(file_of(feature, revision));
    }
    std::vector<fs::path> obsolete;
    for (const auto& entry : fs::recursive_directory_iterator(dialogues)) {
      if (entry.is_regular_file() && !known.contains(entry.path())) {
        obsolete.push_back(entry.path());
      }
    }
    for (const fs::path& path : obsolete) {
      if (updating()) {
        fs::remove(path);
      } else {
        ADD_FAILURE() << path << " belongs to no scenario";
      }
    }
  }
};

template <class Make>
void add_test(const std::string& name, Make make) {
  ::testing::RegisterTest("golden", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [make]() -> Golden* { return make(); });
}

/// golden.FEATURE/2025_11_25/loopback and so on: a filter of GoogleTest takes no dash in a name.
bool register_all() {
  for (const Feature& feature : all_features()) {
    for (const Revision revision : all_revisions) {
      std::string name = feature.name + '/' + std::string(to_string(revision)) + '/';
      std::replace(name.begin(), name.end(), '-', '_');
      add_test(name + "loopback", [=] { return new Dialogue(feature, revision, Site::loopback); });
      add_test(name + "mosquitto",
               [=] { return new Dialogue(feature, revision, Site::mosquitto); });
    }
  }
  add_test("no_obsolete_files", [] { return new NoObsoleteFiles; });
  return true;
}

[[maybe_unused]] const bool registered = register_all();

}  // namespace

std::vector<Feature> all_features() {
  std::vector<Feature> all;
  for (const auto& group :
       {handshake_features(), goodbye_features(), tool_features(), resource_features(),
        prompt_features(), list_features(), call_features(), asking_features(), task_features(),
        bad_input_features(), bad_answer_features()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace mcp_mqtt::golden
