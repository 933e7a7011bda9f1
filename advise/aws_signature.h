// Amazon's request signature, version 4: what makes a request with an access key, for one service and region.
// Threads: pure functions.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scalene::advise {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct AwsKey {
  std::string id, secret, session;  // `session` is "" for lasting keys
  std::string region;
};

struct AwsRequest {
  std::string method, host;
  std::string path;  // as it stands in the address, each part percent-encoded once
  Headers headers;   // to be signed too; names in lower case
  std::string payload;
};

// Percent-encoding of everything but letters, digits and -._~ (RFC 3986), as the signature wants it.
std::string UriEncoded(std::string_view text);

// The headers to add: x-amz-date, authorization and, with a session, x-amz-security-token.
Headers AwsSignature(const AwsRequest& request, const AwsKey& key, std::string_view service, time_t now);

}  // namespace scalene::advise
