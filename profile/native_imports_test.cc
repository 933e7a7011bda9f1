#include "profile/native_imports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/outline.h"
#include "profile/temporary_tree.h"

namespace scalene::profile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NativeImportsTest : public testing::Test {
 protected:
  NativeImportsTest() {
    python_.minor = 12;
    python_.sys_path = {tree_.Folder("app"), tree_.Folder("lib"), tree_.Folder("lib/lib-dynload"),
                        tree_.Folder("site")};
    tree_.File("lib/random.py", "import _random");
    tree_.File("lib/os.py");
    tree_.File("lib/json/__init__.py");
    tree_.File("lib/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so");
    tree_.File("lib/lib-dynload/array.cpython-312-x86_64-linux-gnu.so");
    tree_.File("site/numpy/__init__.py");
    tree_.File("site/numpy/core/_multiarray.cpython-312-x86_64-linux-gnu.so");
    tree_.File("site/numpy/version.py");
    tree_.File("site/requests/__init__.py");
  }
  std::vector<std::string> Native(std::string_view source, const std::string& file = "app/main.py") {
    const Outline outline = Outline::Of(SourceText::FromText(source));
    return NativeImports(python_).Among(outline.imports(), tree_.Path(file));
  }

  TemporaryTree tree_;
  PythonEnvironment python_;
};

TEST_F(NativeImportsTest, ModulesOfTheInterpreterAndExtensionsAreNative) {
  EXPECT_THAT(Native("import sys\nimport time, array\nfrom _json import scanstring\n"),
              ElementsAre("import sys", "import time", "import array", "from _json import scanstring"));
}

TEST_F(NativeImportsTest, APureModuleIsNotWhateverItImportsOrStandsBeside) {
  EXPECT_THAT(Native("import random\nimport os.path\nimport json\nimport requests\n"), IsEmpty());
}

TEST_F(NativeImportsTest, APackageThatContainsExtensionsIs) {
  EXPECT_THAT(Native("import numpy as np\nfrom numpy.core import x as y , z\nfrom numpy import *\n"),
              ElementsAre("import numpy as np", "from numpy.core import x as y, z", "from numpy import *"));
  EXPECT_THAT(Native("import numpy.version\n"), IsEmpty());
}

TEST_F(NativeImportsTest, AreListedOnceInOrderOfAppearance) {
  EXPECT_THAT(Native("import array\ndef f():\n    import  time , array\nfrom time import (sleep,\n    time)\n"),
              ElementsAre("import array", "import time", "from time import sleep, time"));
}

TEST_F(NativeImportsTest, RelativeImportsAreNativeOnlyIfTheModuleThereIs) {
  tree_.File("site/pkg/__init__.py");
  tree_.File("site/pkg/sub/__init__.py");
  tree_.File("site/pkg/_speed.cpython-312-x86_64-linux-gnu.so");
  tree_.File("site/pkg/plain.py");
  EXPECT_THAT(Native("from . import plain\nfrom . import _speed\nfrom ._speed import f\nfrom .plain import g\n",
                     "site/pkg/a.py"),
              ElementsAre("from . import _speed", "from ._speed import f"));
  EXPECT_THAT(Native("from .. import _speed\nfrom .._speed import *\nfrom ... import array\n", "site/pkg/sub/a.py"),
              ElementsAre("from .. import _speed", "from .._speed import *"));
}

TEST_F(NativeImportsTest, ExtensionsOfAnotherInterpreterAreNot) {
  tree_.File("app/old.cpython-38-x86_64-linux-gnu.so");
  tree_.File("app/threaded.cpython-312t-x86_64-linux-gnu.so");
  tree_.File("app/stable.abi3.so");
  tree_.File("app/bare.so");
  EXPECT_THAT(Native("import old, threaded, stable, bare\n"), ElementsAre("import stable", "import bare"));
}

TEST_F(NativeImportsTest, TheFirstOnThePathIsImported) {
  tree_.File("app/array.py");
  EXPECT_THAT(Native("import array\n"), IsEmpty());
  tree_.File("app/time.py");
  EXPECT_THAT(Native("import time\n"), ElementsAre("import time")) << "always built in, found before any file";
}

TEST_F(NativeImportsTest, ModulesThatOnlySomeInterpretersBuildInAreFound) {
  EXPECT_THAT(Native("import math\nimport zlib\nimport nosuchmodule\n"), ElementsAre("import math", "import zlib"));
}

TEST_F(NativeImportsTest, NamespacePackagesAreSearchedInAllTheirParts) {
  tree_.File("lib/spread/one/a.py");
  tree_.File("site/spread/two.cpython-312-x86_64-linux-gnu.so");
  EXPECT_THAT(Native("import spread.two\nimport spread.one\n"), ElementsAre("import spread.two"));
}

TEST_F(NativeImportsTest, ALinkThatLeadsBackEndsTheSearch) {
  tree_.File("site/loop/__init__.py");
  tree_.Link("site/loop/again", tree_.Path("site/loop"));
  EXPECT_THAT(Native("import loop\n"), IsEmpty());
}

TEST_F(NativeImportsTest, NothingIsAskedOfFilesThatAreNone) {
  const Outline outline = Outline::Of(SourceText::FromText("from . import x\nimport sys\n"));
  EXPECT_THAT(NativeImports(python_).Among(outline.imports(), "<string>"), ElementsAre("import sys"));
}

}  // namespace
}  // namespace scalene::profile
