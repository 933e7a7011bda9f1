#include "render/json_schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace scalene::render {
namespace {

TEST(JsonSchemaTest, ThePublishedFileIsCurrent) {
  std::stringstream published;
  published << std::ifstream("../profile/profile.schema.json").rdbuf();
  EXPECT_EQ(published.str(), ProfileSchema())
      << "Write it anew: build/release/tests/profile_tool schema > profile/profile.schema.json";
}

}  // namespace
}  // namespace scalene::render
