#include "profile/mapped_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/unique_fd.h"
#include "profile/temporary_tree.h"

namespace scalene::profile {
namespace {

class MappedFileTest : public testing::Test {
 protected:
  UniqueFd Open(const std::string& text) {
    return UniqueFd(open(tree_.File("text", text).c_str(), O_RDWR | O_CLOEXEC));
  }
  const size_t page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  TemporaryTree tree_;
};

TEST_F(MappedFileTest, HasZerosBehindTheText) {
  for (const size_t size : {size_t{1}, page_ - 1, page_, page_ + 1, 3 * page_}) {
    const std::string text(size, 'x');
    const UniqueFd file = Open(text);
    const MappedFile mapped(file.get(), size);
    ASSERT_EQ(mapped.text(), text);
    EXPECT_TRUE(std::all_of(mapped.text().end(), mapped.text().end() + 64, [](char c) { return c == '\0'; })) << size;
  }
}

TEST_F(MappedFileTest, WhatIsCutOffMeanwhileReadsAsZeros) {
  const UniqueFd file = Open(std::string(4 * page_, 'x'));
  const MappedFile mapped(file.get(), 4 * page_);
  ASSERT_EQ(ftruncate(file.get(), 10), 0);
  EXPECT_EQ(std::count(mapped.text().begin(), mapped.text().end(), 'x'), 10);
  EXPECT_EQ(mapped.text().back(), '\0');
}

TEST_F(MappedFileTest, IsEmptyWhileAnotherOneIsMapped) {
  const UniqueFd file = Open("text");
  {
    const MappedFile first(file.get(), 4);
    EXPECT_TRUE(MappedFile(file.get(), 4).text().empty());
    EXPECT_EQ(first.text(), "text");
  }
  EXPECT_EQ(MappedFile(file.get(), 4).text(), "text");
}

TEST_F(MappedFileTest, IsEmptyForWhatCannotBeMapped) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd in(ends[0]), out(ends[1]);
  EXPECT_TRUE(MappedFile(in.get(), 4).text().empty());
}

}  // namespace
}  // namespace scalene::profile
