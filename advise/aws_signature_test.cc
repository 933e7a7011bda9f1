#include "advise/aws_signature.h"

#include <gtest/gtest.h>

#include "advise/sha256.h"

namespace scalene::advise {
namespace {

TEST(Sha256Test, KnowsThePublishedDigests) {
  EXPECT_EQ(Hexadecimal(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hexadecimal(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hexadecimal(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, KnowsThePublishedKeyedDigest) {  // RFC 4231, case 2
  EXPECT_EQ(Hexadecimal(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// The example "get-vanilla" of Amazon's own test suite for the signature.
TEST(AwsSignatureTest, SignsAsAmazonsExample) {
  const AwsKey key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1"};
  const AwsRequest request{"GET", "example.amazonaws.com", "/", {}, ""};
  const Headers added = AwsSignature(request, key, "service", 1440938160);
  EXPECT_EQ(added.front().second, "20150830T123600Z");
  EXPECT_EQ(
      added.back().second,
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(AwsSignatureTest, EncodesWhatAPathMayNotHold) {
  EXPECT_EQ(UriEncoded("anthropic.claude-v2:0 ü/"), "anthropic.claude-v2%3A0%20%C3%BC%2F");
}

}  // namespace
}  // namespace scalene::advise
